import { spawn, type ChildProcess } from 'node:child_process';

/**
 * What is left when even SIGKILL has hit the host process: a shell that waits for its pipe to close. It reads the
 * ids of processes to end, one a line, until then; it ends them, waits until they are gone, and removes the control
 * groups (which the kernel allows only once they are empty) and the state directory.
 */
const SCRIPT = `
directory=$1; shift
trap '' HUP INT TERM
pids=
while read -r pid; do pids="$pids $pid"; done
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
rm -rf "$directory"
`;

export interface Reaper {
  /** A process to end when we are gone. */
  watch(pid: number): void;
  /** Called when the reaper itself was ended. */
  onExit(listener: () => void): void;
}

/** Starts the reaper in a session of its own, so that no Ctrl-C meant for us reaches it. */
export function startReaper(directory: string, cgroups: readonly string[]): Reaper {
  const child: ChildProcess = spawn('/bin/sh', ['-c', SCRIPT, 'seaworthy-lab-reaper', directory, ...cgroups], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  });
  child.stdin?.on('error', () => undefined);
  child.unref();
  return {
    watch: (pid) => void child.stdin?.write(`${pid}\n`),
    onExit: (listener) => void child.once('exit', listener),
  };
}
