import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommand } from '../../testing/test-io.ts';

let cwd = '';
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'lab-command-'));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const lab = (...args: readonly string[]) => runCommand(['lab', ...args], { cwd, env: { XDG_RUNTIME_DIR: cwd } });

describe('lab, without a lab', () => {
  test('status says so', async () => {
    expect(await lab('status')).toMatchObject({ status: 0, stdout: expect.stringContaining('No lab is running') });
    const { stdout } = await lab('status', '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'LabStatus', state: { kind: 'absent' } });
  });

  test('down has nothing to do, twice', async () => {
    for (const _ of [1, 2]) expect(await lab('down')).toMatchObject({ status: 0, stdout: 'No lab was running.\n' });
  });

  test('kubectl has nobody to talk to', async () => {
    expect(await lab('kubectl', 'get', 'pods')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('SW_LAB_NOT_RUNNING'),
    });
  });

  test.each([
    ['up', '--nodes', '0'],
    ['up', '--nodes', 'many'],
    ['up', '--port', '70000'],
    ['up', '--slow-policy', 'soon'],
    ['status', '-o', 'yaml'],
  ])('wrong usage: %s %s %s', async (...args) => {
    expect(await lab(...args)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('SW_USAGE') });
  });
});
