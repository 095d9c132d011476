import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { countCgroups } from './cgroups.ts';
import { startLab, stopLab } from './lab.ts';
import { cgroupName, labDirectory, labPaths, processStartTime, readLabState } from './state.ts';

/** However a lab ends, nothing of it is left. */

const directory = mkdtempSync(join(tmpdir(), 'lab-test-'));
const env = { ...process.env, XDG_RUNTIME_DIR: directory };
const { crashLog } = labPaths(env);

interface Process {
  readonly pid: number;
  readonly commandLine: string;
}

/** Processes of this machine that belong to the lab of this test: they carry its directory in their environment or arguments. */
function processes(): readonly Process[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) return [];
    try {
      const commandLine = readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ');
      const seen = readFileSync(`/proc/${entry}/environ`, 'utf8') + commandLine;
      return seen.includes(directory) ? [{ pid: Number(entry), commandLine }] : [];
    } catch {
      return [];
    }
  });
}

function pidOf(program: string): number {
  const found = processes().find(
    ({ commandLine }) => commandLine.includes(program) && !commandLine.startsWith('/bin/sh'),
  );
  if (!found) throw new Error(`no process of the lab runs ${program}`);
  return found.pid;
}

/** What the host itself sees: its network and its settings, its mounts, the lab's directory and control groups, and its processes. */
function traces(): Readonly<Record<string, unknown>> {
  return {
    interfaces: readdirSync('/sys/class/net').sort(),
    settings: SETTINGS.map((file) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined)),
    network: readlinkSync('/proc/self/ns/net'),
    mounts: readFileSync('/proc/self/mounts', 'utf8'),
    files: readdirSync(directory),
    cgroups: countCgroups(cgroupName(labDirectory(env))),
    processes: processes(),
  };
}

const SETTINGS = ['sys/net/ipv4/ip_forward', 'sys/net/ipv6/conf/all/forwarding'].map((file) => `/proc/${file}`);

async function gone(): Promise<void> {
  for (let tries = 0; tries < 400 && (existsSync(labDirectory(env)) || processes().length > 0); tries++)
    await delay(50);
}

let before: Readonly<Record<string, unknown>>;
beforeAll(() => {
  before = traces();
});
beforeEach(() => rmSync(crashLog, { force: true }));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test('down leaves nothing behind, and a second down does nothing', async () => {
  const lab = await startLab({ env, dualStack: true });
  expect(lab.status.families).toEqual(['IPv4', 'IPv6']);
  expect(traces()).not.toEqual(before);
  expect(traces()).toMatchObject({ settings: before['settings'], interfaces: before['interfaces'] });
  await expect(startLab({ env })).rejects.toMatchObject({ code: 'SW_LAB_RUNNING' });
  await lab.stop();
  await gone();
  expect(traces()).toEqual(before);
  await stopLab(env);
  expect(readLabState(env)).toEqual({ kind: 'absent' });
});

test('of two that start at once, one runs', async () => {
  const both = await Promise.allSettled([startLab({ env, nodes: 1 }), startLab({ env, nodes: 1 })]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'SW_LAB_RUNNING' } });
  expect(readLabState(env).kind).toBe('running');
  await stopLab(env);
  await gone();
  expect(traces()).toEqual(before);
});

test('the host process killed: the reaper takes the rest away and keeps the log', async () => {
  const lab = await startLab({ env, nodes: 1, dualStack: true });
  process.kill(lab.status.pid, 'SIGKILL');
  await gone();
  expect(readFileSync(crashLog, 'utf8')).toBeDefined();
  await stopLab(env);
  expect(traces()).toEqual(before);
});

test('the supervisor killed', async () => {
  const lab = await startLab({ env, nodes: 1 });
  process.kill(pidOf('lab/supervisor/main'), 'SIGKILL');
  await gone();
  expect(processStartTime(lab.status.pid)).toBeUndefined();
  await stopLab(env);
  expect(traces()).toEqual(before);
});

test('host process and reaper killed together: the next start clears away what is left', async () => {
  const lab = await startLab({ env, nodes: 1 });
  const reaper = processes().find(({ commandLine }) => commandLine.includes('seaworthy-lab-reaper'));
  process.kill(lab.status.pid, 'SIGSTOP');
  process.kill(reaper!.pid, 'SIGKILL');
  process.kill(lab.status.pid, 'SIGKILL');
  for (let tries = 0; tries < 200 && processes().length > 0; tries++) await delay(50);
  expect(readLabState(env).kind).toBe('stale');
  const next = await startLab({ env, nodes: 1 });
  await next.stop();
  await gone();
  expect(traces()).toEqual(before);
});

test('its starter killed: a lab that is not detached ends', async () => {
  const script = `
    const { startLab } = await import(${JSON.stringify(new URL('./lab.ts', import.meta.url).href)});
    await startLab({ nodes: 1 });
    console.log('up');
    setInterval(() => {}, 1000);`;
  const starter = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(createInterface({ input: starter.stdout }), 'line');
  expect(readLabState(env).kind).toBe('running');
  starter.kill('SIGKILL');
  await gone();
  expect(traces()).toEqual(before);
});

test('an interrupted start', async () => {
  const interrupt = new AbortController();
  const starting = startLab({ env, signal: interrupt.signal, progress: () => interrupt.abort() });
  await expect(starting).rejects.toMatchObject({ code: 'SW_LAB_FAILED' });
  await gone();
  expect(traces()).toEqual(before);
});

test('a port that is taken, and a directory that cannot be', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  await expect(startLab({ env, port })).rejects.toMatchObject({ code: 'SW_LAB_PORT_TAKEN' });
  taken.close();
  const nowhere = { ...env, XDG_RUNTIME_DIR: join(directory, 'not', 'there') };
  await expect(startLab({ env: nowhere })).rejects.toMatchObject({
    code: 'SW_LAB_FAILED',
    message: expect.stringContaining("can't be made"),
  });
  await gone();
  expect(traces()).toEqual(before);
});
