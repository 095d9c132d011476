import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { isRecord } from '../../model/json.ts';
import type { JournalEntry } from './records.ts';

/** The journal of one run: a file of JSON lines that only grows. */
export interface LocalJournal {
  readonly run: string;
  readonly directory: string;
  /** On disk (fsync) when it returns. */
  append(entry: JournalEntry): void;
  close(): void;
}

/** Where runs are kept: `$SEAWORTHY_STATE`, or the XDG state directory. */
export function stateDirectory(env: Readonly<Record<string, string | undefined>>): string {
  const own = env['SEAWORTHY_STATE'];
  if (own !== undefined && own !== '') return own;
  const xdg = env['XDG_STATE_HOME'];
  const home = env['HOME'] ?? homedir();
  return join(xdg !== undefined && xdg !== '' ? xdg : join(home, '.local', 'state'), 'seaworthy');
}

/** The directory of a run, made when it is not there; only its owner may read it, because it names commands to run. */
export function runDirectory(state: string, run: string): string {
  const directory = join(state, 'runs', run);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return directory;
}

/** Opens the journal of a run for writing, at its end. */
export function openJournal(state: string, run: string): LocalJournal {
  const directory = runDirectory(state, run);
  const file = join(directory, 'journal.ndjson');
  const isNew = !existsSync(file);
  // What is appended to a line that a crash cut short would be lost with it.
  const isTorn = !isNew && !readFileSync(file, 'utf8').endsWith('\n');
  const descriptor = openSync(file, 'a', 0o600);
  if (isNew) syncDirectory(directory);
  else if (isTorn) writeSync(descriptor, '\n');
  return {
    run,
    directory,
    append(entry) {
      writeSync(descriptor, `${JSON.stringify(entry)}\n`);
      fsyncSync(descriptor);
    },
    close: () => closeSync(descriptor),
  };
}

/** The name of a new file is in its directory, which has to reach the disk too. */
function syncDirectory(directory: string): void {
  for (const path of [directory, dirname(directory)]) {
    const descriptor = openSync(path, 'r');
    fsyncSync(descriptor);
    closeSync(descriptor);
  }
}

/** The names of all runs kept, oldest first: names start with the time. */
export function listRuns(state: string): readonly string[] {
  const directory = join(state, 'runs');
  return existsSync(directory) ? readdirSync(directory).sort() : [];
}

/** The entries of a run's journal. A last line cut short by a crash is no entry: what it intended has not happened. */
export function readJournal(state: string, run: string): readonly JournalEntry[] {
  const file = join(state, 'runs', run, 'journal.ndjson');
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line): readonly JournalEntry[] => {
      try {
        const parsed: unknown = JSON.parse(line);
        return isRecord(parsed) && typeof parsed['kind'] === 'string' ? [parsed as unknown as JournalEntry] : [];
      } catch {
        return [];
      }
    });
}

/** When a process was started, in clock ticks since boot; undefined when there is no such process (or no /proc). */
export function processStarted(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/** Whether the conductor of a journal still runs on this machine. */
export function conductorLives(entries: readonly JournalEntry[]): boolean {
  const begin = entries.find((entry) => entry.kind === 'begin');
  if (!begin) return false;
  const started = processStarted(begin.process.pid);
  return started !== undefined && started === begin.process.started;
}
