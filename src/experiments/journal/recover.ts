import { formatRef, refId } from '../../model/object.ts';
import type { FaultContext } from '../faults/define-fault.ts';
import { faultOf } from '../faults/index.ts';
import { injectionId } from '../faults/injection-id.ts';
import { storedIntents, takeOver, type StoredIntent } from './cluster-journal.ts';
import { takeBack, type TakenBack } from './injector.ts';
import { conductorLives, listRuns, openJournal, readJournal, type LocalJournal } from './local-journal.ts';
import { injectionStates, type Intent } from './records.ts';

/** Which runs are cleaned up after. */
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

/** Something that was not recovered, and why. */
export interface LeftAlone {
  readonly what: string;
  readonly because: string;
}

/** What a recovery took back, and what it left. */
export interface Recovery {
  readonly recovered: readonly TakenBack[];
  /** Left alone here: its conductor lives, somebody else recovers it, it can't be read. */
  readonly left: readonly LeftAlone[];
  /** Runs of this machine against other clusters that wait for a recovery there. */
  readonly elsewhere: readonly LeftAlone[];
  /** Whether any journal, here or in the cluster, knew of the run asked for; true when none was asked for. */
  readonly known: boolean;
}

/** How often a conductor shows that it lives. */
export const BEAT_MS = 3_000;

/**
 * Cleans up after conductors that are dead: undoes every intent found in the cluster, whoever wrote it, and every one
 * that only a local journal knows. A conductor lives if its process does (here), or if its heartbeat changes while
 * we watch (elsewhere), which needs no clock to agree with another. A run is closed only when all of it is known to
 * be taken back.
 */
export async function recover(options: RecoverOptions, at: FaultContext): Promise<Recovery> {
  const local = openRuns(options);
  try {
    return await recoverAll(local, options, at);
  } finally {
    for (const { journal } of local.values()) journal.close();
  }
}

async function recoverAll(
  local: ReadonlyMap<string, OpenRun>,
  options: RecoverOptions,
  at: FaultContext,
): Promise<Recovery> {
  const recovered: TakenBack[] = [];
  const left: LeftAlone[] = [];
  const elsewhere: LeftAlone[] = [];
  /** Runs of which something may still be in effect. */
  const unfinished = new Set<string>();
  const leave = (run: string | undefined, what: string, because: string): void => {
    if (run !== undefined) unfinished.add(run);
    left.push({ what, because });
  };
  const undo = async (intent: Intent, context: FaultContext): Promise<void> => {
    const { injection } = intent;
    const fault = faultOf(injection.fault);
    if (!fault)
      return leave(injection.run, injection.says, `this version of seaworthy knows no fault ${injection.fault}`);
    const journal = local.get(injection.run)?.journal;
    const taken = await takeBack(fault, intent, context, { journal, step: () => undefined });
    recovered.push(taken);
    if (taken.residue.length > 0) unfinished.add(injection.run);
  };

  const listed = await storedIntents(at.cluster);
  if (listed.kind !== 'ok') leave(undefined, 'intents in the cluster', `they can't be listed: ${listed.because}`);
  const stored = (listed.kind === 'ok' ? listed.value : []).filter(
    ({ intent }) => options.run === undefined || intent?.injection.run === options.run,
  );
  const alive = options.force === true ? new Set<string>() : await living(stored, local, options, at);
  const owner = injectionId(at.rng);
  for (const one of newestFirst(stored)) {
    const { intent } = one;
    if (!intent) {
      leave(
        undefined,
        formatRef(one.ref),
        'it was written by a version of seaworthy that this one does not understand',
      );
    } else if (alive.has(intent.injection.run)) {
      leave(intent.injection.run, intent.injection.says, `run ${intent.injection.run} is still going on`);
    } else {
      const taken = await takeOver(at.cluster, one, owner);
      if (taken.kind === 'ok') await undo(...trusted(intent, local.get(intent.injection.run), at));
      else if (taken.kind === 'conflict')
        leave(intent.injection.run, intent.injection.says, 'somebody else is recovering it');
      else if (taken.kind !== 'missing') leave(intent.injection.run, intent.injection.says, taken.because);
    }
  }

  // What only the local journal knows: an intent that never reached the cluster, or was forgotten there already.
  const inCluster = new Set(stored.map(({ intent }) => intent?.injection.id));
  for (const [name, run] of local) {
    if (run.lives && options.force !== true) continue;
    // A run against another cluster is no business of this one.
    if (run.server !== at.cluster.server) {
      if (run.open.length > 0)
        elsewhere.push({
          what: `run ${name} (${run.experiment})`,
          because: `it changed another cluster, ${run.server}`,
        });
      continue;
    }
    for (const { intent } of [...run.open].reverse()) if (!inCluster.has(intent.injection.id)) await undo(intent, at);
    if (listed.kind === 'ok' && !unfinished.has(name))
      run.journal.append({ kind: 'end', at: at.clock.now().toISOString(), state: 'recovered' });
  }
  const known = options.run === undefined || stored.length > 0 || listRuns(options.state).includes(options.run);
  return { recovered, left, elsewhere, known };
}

interface OpenRun {
  readonly journal: LocalJournal;
  readonly experiment: string;
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
      experiment: begin?.experiment ?? '',
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
  for (const one of again.kind === 'ok' ? again.value : strangers) {
    const stranger = strangers.some(({ ref }) => refId(ref) === refId(one.ref));
    // Who can't be watched may live.
    if (stranger && one.intent && (again.kind !== 'ok' || !before.has(version(one))))
      alive.add(one.intent.injection.run);
  }
  return alive;
}

/**
 * The intent to go by, and what may be done for it: commands are run only for what the local journal says, never for
 * what a cluster says.
 */
function trusted(stored: Intent, run: OpenRun | undefined, at: FaultContext): [Intent, FaultContext] {
  const own = run?.open.find(({ intent }) => intent.injection.id === stored.injection.id)?.intent;
  if (own) return [own, at];
  const { command: _, ...rest } = at;
  return [stored, rest];
}

function newestFirst(stored: readonly StoredIntent[]): readonly StoredIntent[] {
  const created = ({ object }: StoredIntent): string => object.metadata.creationTimestamp ?? '';
  return [...stored].sort((a, b) => (created(a) < created(b) ? 1 : -1));
}
