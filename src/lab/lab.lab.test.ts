import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { countCgroups } from './cgroups.ts';
import { startLab } from './lab.ts';
import { cgroupName, labDirectory } from './state.ts';

const directory = mkdtempSync(join(tmpdir(), 'lab-test-'));
const env = { ...process.env, XDG_RUNTIME_DIR: directory };

/** Processes of this machine that belong to the lab of this test: they carry its directory in their environment or arguments. */
function processes(): readonly string[] {
  return readdirSync('/proc').filter((entry) => {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) return false;
    try {
      const seen = readFileSync(`/proc/${entry}/environ`, 'utf8') + readFileSync(`/proc/${entry}/cmdline`, 'utf8');
      return seen.includes(directory);
    } catch {
      return false;
    }
  });
}

/** What the host itself sees: its interfaces, its mounts, the lab's directory and control groups. */
function traces(): Readonly<Record<string, unknown>> {
  return {
    interfaces: readdirSync('/sys/class/net').sort(),
    network: readlinkSync('/proc/self/ns/net'),
    mounts: readFileSync('/proc/self/mounts', 'utf8'),
    files: existsSync(labDirectory(env)),
    cgroups: countCgroups(cgroupName(labDirectory(env))),
    processes: processes().length,
  };
}

let before: Readonly<Record<string, unknown>>;
beforeAll(() => {
  before = traces();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function gone(): Promise<void> {
  for (let tries = 0; tries < 200 && (existsSync(labDirectory(env)) || processes().length > 0); tries++)
    await delay(50);
}

test('down leaves nothing behind', async () => {
  const lab = await startLab({ env });
  process.stdout.write(`lab ready after ${lab.status.readyAfterMs} ms\n`);
  expect(traces()).not.toEqual(before);
  await expect(startLab({ env })).rejects.toMatchObject({ code: 'SW_LAB_RUNNING' });
  await lab.stop();
  await gone();
  expect(traces()).toEqual(before);
});

test('the host process killed with SIGKILL leaves nothing behind', async () => {
  const lab = await startLab({ env });
  process.kill(lab.status.pid, 'SIGKILL');
  await gone();
  expect(traces()).toEqual(before);
});
