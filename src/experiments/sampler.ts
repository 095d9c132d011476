import { claimId } from '../claims/claim.ts';
import type { Group, PhaseName, Point, Series } from './design/run-record.ts';
import type { Clock } from './ports.ts';
import type { Arm, ClaimProbe, ClaimSample } from './probes/claims/claim-probe.ts';

/** Where in a run we are; changed by the conductor, read by the sampler. */
export interface Moment {
  readonly phase: PhaseName;
  readonly block?: number;
}

export interface SamplerOptions {
  readonly probes: readonly ClaimProbe[];
  readonly everyMs: number;
  readonly clock: Clock;
  readonly now: () => Moment;
  /** The groups of a parallel design, once they are drawn. */
  readonly arms: () => { readonly experimental: Arm; readonly control: Arm } | undefined;
  readonly onPoint?: (claim: string, group: Group, point: Point) => void;
}

/** Looks at every claim again and again, beside whatever the conductor does. */
export interface Sampler {
  /** Looks until the signal aborts; the look under way is still finished. */
  run(signal: AbortSignal): Promise<void>;
  readonly series: readonly Series[];
  points(claim: string, group?: Group): readonly Point[];
}

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
    known.points.push(point);
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
  return {
    async run(signal) {
      await Promise.all(
        probes.map(async (probe) => {
          while (!signal.aborted) {
            const begun = clock.now().getTime();
            await look(probe);
            await clock.sleep(Math.max(0, options.everyMs - (clock.now().getTime() - begun)), signal);
          }
        }),
      );
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
