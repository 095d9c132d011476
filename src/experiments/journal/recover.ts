import { formatRef, refId } from '../../model/object.ts';
import type { FaultContext } from '../faults/define-fault.ts';
import { faultOf } from '../faults/index.ts';
import { injectionId } from '../faults/injection-id.ts';
import { storedIntents, takeOver, type StoredIntent } from './cluster-journal.ts';
import { takeBack, type TakenBack } from './injector.ts';
import { conductorLives, listRuns, openJournal, readJournal, type LocalJournal } from './local-journal.ts';
import { injectionStates, type Intent } from './records.ts';

export interface RecoverOptions {
  /** Only this run; every run when absent. */
  readonly run?: string;
  /** Also runs whose conductor still shows signs of life. */
  readonly force?: boolean;
  /** The local state directory. */
  readonly state: string;
  /** How long to watch for the heartbeat of a conductor on another machine; three beats when absent. */
  readonly watchMs?: number;
}

export interface Recovery {
  readonly recovered: readonly TakenBack[];
  /** Left alone, and why: its conductor lives, somebody else recovers it, it can't be read. */
  readonly left: readonly { readonly what: string; readonly because: string }[];
}

export const BEAT_MS = 3_000;

/**
 * Cleans up after conductors that are dead: undoes every intent found in the cluster, whoever wrote it, and every one
 * that only a local journal knows. A conductor lives if its process does (here), or if its heartbeat changes while
 * we watch (elsewhere), which needs no clock to agree with another.
 */
export async function recover(options: RecoverOptions, at: FaultContext): Promise<Recovery> {
  const recovered: TakenBack[] = [];
  const left: { what: string; because: string }[] = [];
  const local = openRuns(options);
  const listed = await storedIntents(at.cluster);
  if (listed.kind !== 'ok') {
    left.push({ what: 'intents in the cluster', because: `they can't be listed: ${listed.because}` });
  }
  const stored = (listed.kind === 'ok' ? listed.value : []).filter(
    ({ intent }) => options.run === undefined || intent?.injection.run === options.run,
  );
  const alive = options.force === true ? new Set<string>() : await living(stored, local, options, at);
  const owner = injectionId(at.rng);
  for (const one of newestFirst(stored)) {
    const { intent } = one;
    const fault = intent && faultOf(intent.injection.fault);
    if (!intent || !fault) {
      left.push({
        what: formatRef(one.ref),
        because: 'it is of a version of seaworthy that this one does not understand',
      });
    } else if (alive.has(intent.injection.run)) {
      left.push({ what: intent.injection.says, because: `run ${intent.injection.run} is still going on` });
    } else if (!(await takeOver(at.cluster, one, owner))) {
      left.push({ what: intent.injection.says, because: 'somebody else is recovering it' });
    } else {
      recovered.push(
        await takeBack(fault, intent, context(at, local.get(intent.injection.run), intent), {
          journal: local.get(intent.injection.run)?.journal,
          step: () => undefined,
        }),
      );
    }
  }
  // What only the local journal knows: commands, or an intent that never reached the cluster. Undo is safe to repeat.
  const seen = new Set(recovered.map(({ injection }) => injection.id));
  for (const run of local.values()) {
    // A run against another cluster is no business of this one.
    if (run.server !== at.cluster.server || (run.lives && options.force !== true)) continue;
    for (const { intent, state } of [...run.open].reverse()) {
      const fault = faultOf(intent.injection.fault);
      if (!fault || seen.has(intent.injection.id) || state === 'undone') continue;
      if (stored.some((one) => one.intent?.injection.id === intent.injection.id)) continue;
      recovered.push(
        await takeBack(fault, intent, context(at, run, intent), { journal: run.journal, step: () => undefined }),
      );
    }
    if (!recovered.some(({ injection, residue }) => injection.run === run.journal.run && residue.length > 0)) {
      run.journal.append({ kind: 'end', at: at.clock.now().toISOString(), state: 'recovered' });
    }
  }
  for (const run of local.values()) run.journal.close();
  return { recovered, left };
}

interface OpenRun {
  readonly journal: LocalJournal;
  readonly lives: boolean;
  readonly server: string;
  readonly open: ReturnType<typeof injectionStates>;
}

/** The local runs that have not ended. */
function openRuns(options: RecoverOptions): ReadonlyMap<string, OpenRun> {
  const runs = new Map<string, OpenRun>();
  for (const run of listRuns(options.state)) {
    if (options.run !== undefined && run !== options.run) continue;
    const entries = readJournal(options.state, run);
    if (entries.length === 0 || entries.some((entry) => entry.kind === 'end')) continue;
    const begin = entries.find((entry) => entry.kind === 'begin');
    runs.set(run, {
      journal: openJournal(options.state, run),
      lives: conductorLives(entries),
      server: begin?.server ?? '',
      open: injectionStates(entries).filter(({ state }) => state !== 'undone'),
    });
  }
  return runs;
}

/** The runs whose conductor lives. Those known here are asked of the system; the others are watched. */
async function living(
  stored: readonly StoredIntent[],
  local: ReadonlyMap<string, OpenRun>,
  options: RecoverOptions,
  at: FaultContext,
): Promise<ReadonlySet<string>> {
  const alive = new Set([...local].filter(([, run]) => run.lives).map(([name]) => name));
  const strangers = stored.filter(({ intent }) => intent && !local.has(intent.injection.run));
  if (strangers.length === 0) return alive;
  const version = (one: StoredIntent): string => `${refId(one.ref)}@${one.object.metadata.resourceVersion ?? ''}`;
  const before = new Set(strangers.map(version));
  await at.clock.sleep(options.watchMs ?? 3 * BEAT_MS, at.signal);
  const again = await storedIntents(at.cluster);
  for (const one of again.kind === 'ok' ? again.value : []) {
    const ours = strangers.some(({ ref }) => refId(ref) === refId(one.ref));
    if (ours && one.intent && !before.has(version(one))) alive.add(one.intent.injection.run);
  }
  return alive;
}

/** Commands are run only for what the local journal says, word for word. */
function context(at: FaultContext, run: OpenRun | undefined, intent: Intent): FaultContext {
  const known = run?.open.some((open) => JSON.stringify(open.intent) === JSON.stringify(intent)) ?? false;
  const { command, ...rest } = at;
  return known && command ? { ...rest, command } : rest;
}

function newestFirst(stored: readonly StoredIntent[]): readonly StoredIntent[] {
  const created = ({ object }: StoredIntent): string => object.metadata.creationTimestamp ?? '';
  return [...stored].sort((a, b) => (created(a) < created(b) ? 1 : -1));
}
