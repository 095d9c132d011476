import { messageOf, SeaworthyError } from '../../model/errors.ts';
import type { Fault, FaultContext, Injection, Residue, TreatmentCheck } from '../faults/define-fault.ts';
import { beat, forgetIntent, recordIntent, type Recorded } from './cluster-journal.ts';
import type { LocalJournal } from './local-journal.ts';
import type { Intent } from './records.ts';

/** A point of the way of one injection. A crash may come right after any of them; the tests let it. */
export type Step =
  | 'intended locally'
  | 'intended in cluster'
  | 'effect'
  | 'applied'
  | 'undone'
  | 'looked for residue'
  | 'forgotten in cluster'
  | 'closed locally';

/** Whose injections these are, and where they are written down. */
export interface InjectorOptions {
  readonly experiment: string;
  /** Who may clean up; recovery takes it over. */
  readonly owner: string;
  readonly journal: LocalJournal;
  readonly ttlMs: number;
  /** Called after each step; tests end the process there. */
  readonly onStep?: (step: Step, injection: Injection) => void;
}

/** What became of taking an injection back. */
export interface TakenBack {
  readonly injection: Injection;
  readonly says: string;
  readonly residue: readonly Residue[];
}

/**
 * Carries one fault through its states: the intent first on the local disk, then in the cluster, then the effect; and
 * back: the effect, a look for residue, the intent in the cluster, the local journal. An intent disappears only when
 * nothing is left of what it intended.
 */
export interface Injector {
  apply(fault: Fault, injection: Injection, at: FaultContext): Promise<void>;
  /** Takes back what is in effect, the last first. */
  undoAll(at: FaultContext): Promise<readonly TakenBack[]>;
  bit(at: FaultContext): Promise<readonly (TreatmentCheck & { readonly injection: Injection })[]>;
  /** Tells the cluster that the conductor lives; false when somebody else has taken over. */
  beat(at: FaultContext): Promise<boolean>;
  readonly active: readonly Injection[];
}

/** Injects nothing before its intent is on disk and in the cluster. */
export function createInjector(options: InjectorOptions): Injector {
  const { journal } = options;
  const active: { readonly fault: Fault; readonly intent: Intent }[] = [];
  /** Intents on their way out: that they are gone from the cluster is our own doing. */
  const leaving = new Set<Intent>();
  let beats = 0;
  const step = (name: Step, injection: Injection): void => options.onStep?.(name, injection);
  return {
    get active() {
      return active.map(({ intent }) => intent.injection);
    },
    async apply(fault, injection, at) {
      const ttlMs = Math.max(1, Math.min(options.ttlMs, at.ttlMs));
      const intent: Intent = { experiment: options.experiment, injection, ttlMs };
      const time = (): string => at.clock.now().toISOString();
      journal.append({ kind: 'intent', at: time(), intent });
      step('intended locally', injection);
      const recorded = await recordIntent(at.cluster, intent, options.owner);
      // Even an intent that may not have arrived is in effect until it is known to be gone.
      if (recorded.kind === 'recorded' || recorded.kind === 'unclear') active.push({ fault, intent });
      else journal.append({ kind: 'undone', at: time(), injection: injection.id, says: 'never begun' });
      if (recorded.kind !== 'recorded') throw notRecorded(recorded, injection);
      step('intended in cluster', injection);
      const applied = await fault.apply(injection, at);
      step('effect', injection);
      if (applied.kind === 'failed') {
        throw new SeaworthyError('SW_FAULT_NOT_APPLIED', `${injection.says}: ${applied.because}`, {
          hint: 'What had been done was taken back.',
        });
      }
      journal.append({ kind: 'applied', at: time(), injection: injection.id });
      step('applied', injection);
    },
    async undoAll(at) {
      const done: TakenBack[] = [];
      for (let entry = active.at(-1); entry; entry = active.at(-1)) {
        leaving.add(entry.intent);
        done.push(await takeBackAgain(entry.fault, entry.intent, at, { journal, step }));
        active.pop();
      }
      return done;
    },
    async bit(at) {
      return Promise.all(
        active.map(async ({ fault, intent }) => ({
          ...(await fault.bit(intent.injection, at)),
          injection: intent.injection,
        })),
      );
    },
    async beat(at) {
      beats++;
      for (const { intent } of active) {
        if (!(await beat(at.cluster, intent, options.owner, beats)) && !leaving.has(intent)) return false;
      }
      return true;
    },
  };
}

/** Tries of taking one injection back, and the wait between them: an API server may be away for a moment. */
const TRIES = 4;
const BETWEEN_TRIES_MS = 1_500;

/** Takes an injection back and tries again while something is left. Never rejects: one failure must not keep the others in effect. */
async function takeBackAgain(...[fault, intent, at, to]: Parameters<typeof takeBack>): Promise<TakenBack> {
  for (let tries = 1; ; tries++) {
    const taken = await takeBack(fault, intent, at, to).catch((thrown: unknown): TakenBack => {
      const what = `${intent.injection.says}: taking it back failed: ${messageOf(thrown)}`;
      return { injection: intent.injection, says: what, residue: [{ what, remedy: 'seaworthy experiment recover' }] };
    });
    if (taken.residue.length === 0 || tries === TRIES || at.signal.aborted) return taken;
    await at.clock.sleep(BETWEEN_TRIES_MS, at.signal);
  }
}

function notRecorded(recorded: Exclude<Recorded, { kind: 'recorded' }>, { target }: Injection): SeaworthyError {
  if (recorded.kind === 'locked') {
    return new SeaworthyError('SW_TARGET_LOCKED', recorded.because, {
      hint: 'Wait for that run to end, or clean up after it: seaworthy experiment recover.',
    });
  }
  return new SeaworthyError(
    'SW_JOURNAL_UNWRITABLE',
    `the intent can't be written to the cluster: ${recorded.because}`,
    { hint: `Nothing was changed. Allow creating ConfigMaps in ${target.namespace ?? 'default'}.`, exit: 4 },
  );
}

/** Undo, look for residue, and close the journals if there is none. Also what recovery does. */
export async function takeBack(
  fault: Fault,
  intent: Intent,
  at: FaultContext,
  to: { readonly journal: LocalJournal | undefined; readonly step: (step: Step, injection: Injection) => void },
): Promise<TakenBack> {
  const { injection } = intent;
  const time = (): string => at.clock.now().toISOString();
  const undone = await fault.undo(injection, at);
  to.step('undone', injection);
  const left =
    undone.kind === 'failed'
      ? [{ what: `${injection.says}: ${undone.because}`, remedy: 'seaworthy experiment recover' }]
      : await fault.residue(injection, at);
  to.step('looked for residue', injection);
  if (left.length > 0) {
    to.journal?.append({ kind: 'residue', at: time(), injection: injection.id, residue: left });
    return { injection, says: undone.kind === 'undone' ? undone.says : undone.because, residue: left };
  }
  const forgotten = await forgetIntent(at.cluster, intent);
  if (forgotten.kind !== 'ok') {
    const residue = [
      {
        what: `its intent in the cluster can't be deleted: ${forgotten.because}`,
        remedy: 'seaworthy experiment recover',
      },
    ];
    to.journal?.append({ kind: 'residue', at: time(), injection: injection.id, residue });
    return { injection, says: 'the fault is taken back', residue };
  }
  to.step('forgotten in cluster', injection);
  const says = undone.kind === 'undone' ? undone.says : '';
  to.journal?.append({ kind: 'undone', at: time(), injection: injection.id, says });
  to.step('closed locally', injection);
  return { injection, says, residue: [] };
}
