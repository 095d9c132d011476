import { spawn, type ChildProcess } from 'node:child_process';
import type { LabPaths } from '../state.ts';

/**
 * What is left when even SIGKILL has hit the host process: a shell that waits for its pipe to close. It reads the
 * ids of processes to end, one a line, until then; it ends them, waits until they are gone, and removes the control
 * groups (which the kernel allows only once they are empty) and the state directory. Unless it has read that the end
 * is an orderly one, it keeps the log.
 */
const SCRIPT = `
directory=$1; log=$2; kept=$3; shift 3
trap '' HUP INT TERM
pids=
while read -r line; do case $line in orderly) kept= ;; *) pids="$pids $line" ;; esac; done
exec >/dev/null 2>&1
tries=0
for pid in $pids; do
  kill -KILL "$pid"
  while kill -0 "$pid" && [ $tries -lt 400 ]; do sleep 0.025; tries=$((tries + 1)); done
done
while [ $tries -lt 800 ]; do
  left=
  for group; do
    [ -d "$group" ] || continue
    find "$group" -depth -type d -exec rmdir {} \\;
    [ -d "$group" ] && left=yes
  done
  [ -z "$left" ] && break
  sleep 0.025
  tries=$((tries + 1))
done
[ -z "$kept" ] || mv -f "$log" "$kept"
rm -rf "$directory"
`;

export interface Reaper {
  /** A process to end when we are gone. */
  watch(pid: number): void;
  /** The end that follows is no crash: its log goes with the rest. */
  expectEnd(): void;
  /** Called when the reaper itself was ended. */
  onExit(listener: () => void): void;
}

/** Starts the reaper in a session of its own, so that no Ctrl-C meant for us reaches it. */
export function startReaper(paths: LabPaths, cgroups: readonly string[]): Reaper {
  const told = [paths.directory, paths.log, paths.crashLog, ...cgroups];
  const child: ChildProcess = spawn('/bin/sh', ['-c', SCRIPT, 'seaworthy-lab-reaper', ...told], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  });
  child.stdin?.on('error', () => undefined);
  child.unref();
  return {
    watch: (pid) => void child.stdin?.write(`${pid}\n`),
    expectEnd: () => void child.stdin?.write('orderly\n'),
    onExit: (listener) => void child.once('exit', listener),
  };
}
