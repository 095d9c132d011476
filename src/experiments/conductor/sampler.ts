import { claimId } from '../../claims/claim.ts';
import type { Group, PhaseName, Point, Series } from '../design/run-record.ts';
import type { Clock } from '../ports.ts';
import type { Arm, ClaimProbe, ClaimSample } from '../probes/claims/claim-probe.ts';

/** Where in a run we are; changed by the conductor, read by the sampler. */
export interface Moment {
  readonly phase: PhaseName;
  readonly block?: number;
}

/** What is looked at, how often, and who hears of it. */
export interface SamplerOptions {
  readonly probes: readonly ClaimProbe[];
  readonly everyMs: number;
  readonly clock: Clock;
  readonly now: () => Moment;
  /** The groups of a parallel design, once they are drawn. */
  readonly arms: () => { readonly experimental: Arm; readonly control: Arm } | undefined;
  readonly onPoint?: (claim: string, group: Group, point: Point) => void;
}

/** Looks of one claim under way at once, at most: an answer that is late by this many intervals slows the looking down. */
const MOST_UNDER_WAY = 16;

/**
 * Looks at every claim again and again, beside whatever the conductor does. A claim that tolerates a share of misses is
 * asked at a fixed rate, whether or not the answers before have come: waiting for them would count a long outage as
 * one miss among many successes ("coordinated omission", Gil Tene). Any other is asked again when it has answered.
 */
export interface Sampler {
  /** Looks until the signal aborts; looks under way are still finished. */
  run(signal: AbortSignal): Promise<void>;
  /** Points of each series are in the order in which the looks began. */
  readonly series: readonly Series[];
  points(claim: string, group?: Group): readonly Point[];
}

/** Looks at every claim at a fixed rate until its signal aborts. */
export function createSampler(options: SamplerOptions): Sampler {
  const { probes, clock } = options;
  const collected = new Map<string, { claim: string; group: Group; points: Point[] }>();
  const add = (claim: string, group: Group, sample: ClaimSample, begun: Moment): void => {
    const ended = options.now();
    const point: Point = {
      at: sample.at,
      verdict: sample.verdict,
      phase: begun.phase,
      ...(begun.block === undefined ? {} : { block: begun.block }),
      counted: begun.phase !== 'washout' && ended.phase === begun.phase && ended.block === begun.block,
      ...(sample.milliseconds === undefined ? {} : { milliseconds: sample.milliseconds }),
      ...(sample.verdict === 'holds' || !sample.because[0] ? {} : { says: sample.because[0].says }),
    };
    const key = `${claim} ${group}`;
    let known = collected.get(key);
    if (!known) collected.set(key, (known = { claim, group, points: [] }));
    // Looks that overlap need not end in the order in which they began.
    const before = known.points.findLastIndex(({ at }) => at <= point.at);
    known.points.splice(before + 1, 0, point);
    options.onPoint?.(claim, group, point);
  };
  const look = async (probe: ClaimProbe): Promise<void> => {
    const claim = claimId(probe.claim);
    const begun = options.now();
    const arms = probe.tellsArmsApart ? options.arms() : undefined;
    if (!arms) return add(claim, 'all', await probe.sample(), begun);
    // Both groups at the same moment: what shakes both must not look like an effect.
    const [experimental, control] = await Promise.all([
      probe.sample({ arm: arms.experimental }),
      probe.sample({ arm: arms.control }),
    ]);
    add(claim, 'experimental', experimental, begun);
    add(claim, 'control', control, begun);
    add(claim, 'all', both(experimental, control), begun);
  };
  const lookAgainAndAgain = async (probe: ClaimProbe, signal: AbortSignal): Promise<void> => {
    const underWay = new Set<Promise<void>>();
    const most = probe.tolerance ? MOST_UNDER_WAY : 1;
    while (!signal.aborted) {
      const begun = clock.now().getTime();
      const one: Promise<void> = look(probe).finally(() => underWay.delete(one));
      underWay.add(one);
      if (underWay.size >= most) await Promise.race(underWay);
      await clock.sleep(Math.max(0, options.everyMs - (clock.now().getTime() - begun)), signal);
    }
    await Promise.all(underWay);
  };
  return {
    async run(signal) {
      await Promise.all(probes.map((probe) => lookAgainAndAgain(probe, signal)));
    },
    get series() {
      return [...collected.values()];
    },
    points: (claim, group = 'all') => collected.get(`${claim} ${group}`)?.points ?? [],
  };
}

function both(a: ClaimSample, b: ClaimSample): ClaimSample {
  const worse =
    [a, b].find(({ verdict }) => verdict === 'violated') ?? [a, b].find(({ verdict }) => verdict === 'unknown');
  return worse ?? a;
}
