import { blastRadius } from '../design/blast-radius.ts';
import type { FaultRecord } from '../design/run-record.ts';
import type { FaultContext, Injection, TreatmentCheck } from '../faults/define-fault.ts';
import { faultOf } from '../faults/index.ts';
import type { Guard } from '../journal/guard.ts';
import type { Injector } from '../journal/injector.ts';
import { enforceBlastRadius, preflight, rngOfDraw, type PreparedExperiment } from '../plan.ts';
import type { Ending } from './ending.ts';
import { drawGroups, type Groups } from '../groups.ts';
import type { Tell } from './run-event.ts';
import type { TimeToLive } from './timers.ts';

/** Time the way back may take at most before it is given up and left to `recover`. */
const UNDO_MS = 120_000;

/** The faults of a run as one treatment: given, looked at, taken back, with a record of each injection. */
export interface Treatment {
  readonly records: readonly FaultRecord[];
  /** Everything that was aimed at so far. */
  readonly touched: readonly Injection[];
  /** The groups of a parallel design, once they are drawn. */
  readonly groups: Groups | undefined;
  /** Draws targets, checks the blast radius and applies every fault. Throws what keeps it from that. */
  inject(): Promise<void>;
  lookWhetherItBit(): Promise<void>;
  takeBack(): Promise<void>;
}

/** What faults are applied with. */
export interface TreatmentOptions {
  readonly prepared: PreparedExperiment;
  readonly injector: Injector;
  readonly guard?: Guard;
  readonly seed: number;
  readonly ourselves?: readonly string[];
  readonly at: FaultContext;
  readonly ttl: TimeToLive;
  readonly ending: Ending;
  readonly tell: Tell;
}

/** Nothing is touched before `apply`. */
export function createTreatment(options: TreatmentOptions): Treatment {
  const { prepared, injector, guard, seed, ourselves, at, ttl, ending, tell } = options;
  const { spec } = prepared.experiment;
  const records = new Map<string, FaultRecord>();
  const time = (): string => at.clock.now().toISOString();
  let touched: readonly Injection[] = [];
  let groups: Groups | undefined;
  let draws = 0;
  return {
    get records() {
      return [...records.values()];
    },
    get touched() {
      return touched;
    },
    get groups() {
      return groups;
    },
    async inject() {
      const during: FaultContext = { ...at, signal: ending.halted, ttlMs: ttl.left(), rng: rngOfDraw(seed, draws++) };
      // Looked at again each time: what a target selects may have changed since the plan was shown.
      const injections = await preflight(prepared.faults, during);
      enforceBlastRadius(blastRadius(spec.blastRadius, injections, ourselves));
      groups ??= spec.design.kind === 'parallel' ? await drawGroups(injections, prepared.faults, during) : undefined;
      await guard?.watch(at.run, ttl.left());
      ttl.start();
      touched = [...touched, ...injections];
      for (const injection of injections) {
        if (ending.why) return;
        const fault = faultOf(injection.fault);
        if (!fault) continue;
        records.set(injection.id, newRecord(injection));
        try {
          await injector.apply(fault, injection, { ...during, ttlMs: ttl.left() });
        } catch (thrown) {
          // What never began has nothing to report; what did is reported when it is taken back.
          if (!injector.active.some(({ id }) => id === injection.id)) records.delete(injection.id);
          throw thrown;
        }
        records.set(injection.id, { ...newRecord(injection), appliedAt: time(), bit: UNSEEN });
        tell({ kind: 'injected', says: injection.says });
      }
    },
    async lookWhetherItBit() {
      for (const check of await injector.bit({ ...at, signal: ending.halted })) {
        const known = records.get(check.injection.id);
        // A bite once seen stays seen: what was killed may have been replaced by now.
        if (known && known.bit.bit !== true)
          records.set(check.injection.id, { ...known, bit: { bit: check.bit, says: check.says } });
        tell({ kind: 'bit', check });
      }
    },
    async takeBack() {
      const way: FaultContext = { ...at, signal: AbortSignal.timeout(UNDO_MS) };
      for (const { injection, says, residue } of await injector.undoAll(way)) {
        const known = records.get(injection.id) ?? newRecord(injection);
        records.set(injection.id, { ...known, ...(residue.length === 0 ? { undoneAt: time() } : {}), residue });
        tell({ kind: 'takenBack', says, residue: residue.length });
      }
    },
  };
}

const UNSEEN: TreatmentCheck = { bit: 'unknown', says: 'whether it bit was not looked at' };

function newRecord({ fault, id, says }: Injection): FaultRecord {
  return {
    fault,
    injection: id,
    says,
    bit: { bit: 'unknown', says: 'it was not applied to the end' },
    residue: [],
  };
}
