/**
 * The lab's process on the host. It owns the one thing the host sees of the lab, a loopback port, and carries bytes
 * from there to the API server's unix socket. Everything else is inside namespaces whose init ends when we do.
 *
 * It is told what to do by SEAWORTHY_LAB_HOST (JSON, `HostOptions`), answers with one line on stdout (`HostAnswer`),
 * and stops on SIGTERM, or when its stdin closes and it is bound to whoever started it.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer, type AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { messageOf } from '../../model/errors.ts';
import { cgroupDirectories } from '../cgroups.ts';
import { programPath } from '../programs.ts';
import { cgroupName, labPaths, processStartTime, type LabStatus } from '../state.ts';
import { kubeconfigText } from './kubeconfig.ts';
import type { HostAnswer, HostOptions, SupervisorAnswer, SupervisorOptions } from './protocol.ts';
import { startReaper, type Reaper } from './reaper.ts';

const options = JSON.parse(process.env['SEAWORTHY_LAB_HOST'] ?? '{}') as HostOptions;
const begun = Date.now();
const paths = labPaths(process.env);
const cgroups = cgroupName(paths.directory);

/** Lines of the log that a failure shows. */
const LAST_LINES = 8;

function answer(line: HostAnswer): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function fail(code: `SW_${string}`, message: string, hint?: string): never {
  answer({ kind: 'failed', code, message, ...(hint === undefined ? {} : { hint }) });
  process.exit(1);
}

/** The end of the log, and where the reaper keeps all of it. */
function lastWords(): string {
  const lines = existsSync(paths.log) ? readFileSync(paths.log, 'utf8').trim().split('\n').filter(Boolean) : [];
  return lines.length === 0
    ? 'Its log is empty.'
    : [...lines.slice(-LAST_LINES), `The whole log is kept in ${paths.crashLog} until the next lab down.`].join(
        '\n    ',
      );
}

let reaper: Reaper | undefined;
function end(): never {
  reaper?.expectEnd();
  process.exit(0);
}

process.stdout.on('error', () => undefined);
process.on('SIGTERM', end);
process.on('SIGINT', end);
process.on('SIGHUP', () => undefined);
process.on('uncaughtException', (thrown) => fail('SW_LAB_FAILED', messageOf(thrown), lastWords()));
if (options.bound) process.stdin.resume().on('close', end).on('error', end);

const server = createServer((client) => {
  const api = createConnection(paths.apiSocket);
  client.on('error', () => api.destroy());
  api.on('error', () => client.destroy());
  client.pipe(api).pipe(client);
});
await new Promise<void>((resolve, reject) =>
  server.once('error', reject).listen(options.port, '127.0.0.1', resolve),
).catch((thrown: unknown) =>
  fail(
    'SW_LAB_PORT_TAKEN',
    `port ${options.port} of 127.0.0.1 can't be had: ${messageOf(thrown)}`,
    'Choose another with --port, or leave it out.',
  ),
);
const { port } = server.address() as AddressInfo;

claimDirectory();
const log = openSync(paths.log, 'a', 0o600);

reaper = startReaper(paths, cgroupDirectories(cgroups));
const supervised = startSupervisor();
keepReaper(reaper);

/** The state directory appears with our process id in it or not at all, so that nobody takes it for remains. */
function claimDirectory(): void {
  let made: string | undefined;
  try {
    made = mkdtempSync(`${paths.directory}-`);
    writeFileSync(join(made, basename(paths.pid)), `${process.pid} ${processStartTime(process.pid)}\n`);
    renameSync(made, paths.directory);
  } catch (thrown) {
    if (made !== undefined) rmSync(made, { recursive: true, force: true });
    if (existsSync(paths.directory)) {
      const hint = 'seaworthy lab status says more; seaworthy lab down ends it.';
      fail('SW_LAB_RUNNING', `${paths.directory} is there already`, hint);
    }
    const hint = 'XDG_RUNTIME_DIR names the directory it is made in.';
    fail('SW_LAB_FAILED', `the directory of the lab can't be made: ${messageOf(thrown)}`, hint);
  }
}

/** A reaper that was ended is replaced. */
function keepReaper(watching: Reaper): void {
  if (supervised.pid !== undefined) watching.watch(supervised.pid);
  watching.onExit(() => {
    reaper = startReaper(paths, cgroupDirectories(cgroups));
    keepReaper(reaper);
  });
}

/** Two guards against a supervisor that outlives us: the kernel's parent-death signal, and the closing of its pipe. */
function startSupervisor(): ReturnType<typeof spawn> {
  const supervisorOptions: SupervisorOptions = {
    nodes: options.nodes,
    families: options.families,
    cgroup: cgroups,
    apiSocket: paths.apiSocket,
    outsideSocket: paths.outsideSocket,
    publicAddress: { host: '127.0.0.1', port },
    slowPolicyMs: options.slowPolicyMs,
  };
  const child = spawn(
    'setpriv',
    [
      ...'--pdeathsig KILL unshare --propagation private'.split(' '),
      ...'--net --mount --pid --uts --ipc --fork --kill-child --mount-proc'.split(' '),
      // The shell is init of the PID namespace: it takes in orphans and ends, and with it all, when the supervisor ends.
      '/bin/sh',
      '-c',
      '"$0" "$@" & wait $!',
      process.execPath,
      programPath('lab/supervisor/main'),
    ],
    {
      stdio: ['ignore', log, log, 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        SEAWORTHY_LAB_SUPERVISOR: JSON.stringify(supervisorOptions),
      },
      cwd: '/',
    },
  );
  child.on('error', (error) => fail('SW_LAB_FAILED', `the lab could not be started: ${error.message}`));
  child.on('exit', () => {
    fail('SW_LAB_FAILED', 'the lab ended before it was told to', lastWords());
  });
  const answers = child.stdio[4] as Readable;
  createInterface({ input: answers }).on('line', (line) => heard(JSON.parse(line) as SupervisorAnswer));
  return child;
}

function heard(line: SupervisorAnswer): void {
  if (line.kind === 'failed') fail('SW_LAB_FAILED', line.message, lastWords());
  if (line.kind === 'progress') {
    answer(line);
    return;
  }
  const address = `https://127.0.0.1:${port}`;
  writeFileSync(paths.kubeconfig, kubeconfigText({ server: address, ca: line.ca, token: line.adminToken }), {
    mode: 0o600,
  });
  const status: LabStatus = {
    pid: process.pid,
    server: address,
    kubeconfig: paths.kubeconfig,
    startedAt: new Date(begun).toISOString(),
    readyAfterMs: Date.now() - begun,
    nodes: line.nodes,
    families: options.families,
  };
  writeFileSync(paths.status, JSON.stringify(status));
  answer({ kind: 'ready', status });
}
