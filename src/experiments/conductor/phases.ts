import { claimId } from '../../claims/claim.ts';
import type { Phase, PhaseName } from '../design/run-record.ts';
import type { Clock } from '../ports.ts';
import type { ClaimProbe } from '../probes/claims/claim-probe.ts';
import type { Moment, Sampler } from './sampler.ts';
import type { Ending } from './ending.ts';
import type { Tell } from './run-event.ts';
import { seenEnough } from './steady-state.ts';

/** Time a phase may take on top of what the design says until every claim was looked at. */
const SLOW_LOOKS_MS = 60_000;

/** The stretches of a run, as they pass. */
export interface Phases {
  readonly passed: readonly Phase[];
  /** Where the run is; what the sampler writes beside each look. */
  now(): Moment;
  /** Enters a moment that is no phase of its own: the time in which faults come and go. */
  enter(moment: Moment): void;
  /** Lets a phase pass. It ends early with the run, and late where looks are slower than it is long. */
  pass(name: PhaseName, lastsMs: number, block?: number): Promise<void>;
  /** Watches the way back; only leaving cuts it short. */
  afterwards(lastsMs: number): Promise<void>;
}

/** What phases are kept with. */
export interface PhaseOptions {
  readonly clock: Clock;
  readonly ending: Ending;
  readonly probes: readonly ClaimProbe[];
  readonly pointsOf: Sampler['points'];
  readonly tell: Tell;
}

/** Begins before anything is injected. */
export function createPhases({ clock, ending, probes, pointsOf, tell }: PhaseOptions): Phases {
  const passed: Phase[] = [];
  let moment: Moment = { phase: 'before' };
  const during = async (phase: PhaseName, lastsMs: number, block: number | undefined, wait: () => Promise<void>) => {
    const which = block === undefined ? {} : { block };
    moment = { phase, ...which };
    tell({ kind: 'phase', phase, lastsMs, ...which });
    const from = clock.now().toISOString();
    await wait();
    passed.push({ name: phase, from, to: clock.now().toISOString(), ...which });
  };
  const until = async (enough: () => boolean): Promise<void> => {
    const end = clock.now().getTime() + SLOW_LOOKS_MS;
    while (!ending.halted.aborted && !enough() && clock.now().getTime() < end) await clock.sleep(100, ending.halted);
  };
  /** A fault that no look saw from its beginning to its end shows nothing: it lasts until each claim had one. */
  const everyClaimCounted = (): boolean =>
    probes.every(({ claim }) => pointsOf(claimId(claim)).some(({ phase, counted }) => phase === 'during' && counted));
  return {
    passed,
    now: () => moment,
    enter: (next) => (moment = next),
    async pass(name, lastsMs, block) {
      if (ending.why) return;
      await during(name, lastsMs, block, async () => {
        await clock.sleep(lastsMs, ending.halted);
        if (name === 'before') await until(() => seenEnough(probes, pointsOf));
        if (name === 'during') await until(everyClaimCounted);
      });
    },
    afterwards: (lastsMs) => during('after', lastsMs, undefined, () => clock.sleep(lastsMs, ending.left)),
  };
}
