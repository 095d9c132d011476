import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runCommand, type Ran } from '../../testing/test-io.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const SHOP = [
  'verify',
  '-f',
  join(ROOT, 'examples/shop/manifests'),
  '--claims',
  join(ROOT, 'examples/shop/claims.yaml'),
];
const scratch = mkdtempSync(join(tmpdir(), 'seaworthy-verify-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const call = (...args: readonly string[]): Promise<Ran> => runCommand(args, { cwd: scratch });

describe('what can not be done is said before anything is', () => {
  test.each([
    [['--level', 'observed'], /SW_LEVEL_NEEDS_CLUSTER.*is none/],
    [['--experiments', join(ROOT, 'examples/shop/experiments')], /SW_USAGE: --experiments needs --level proven/],
    [['--break-in', 'shop'], /SW_USAGE: --break-in needs --level proven/],
    [['--level', 'proven', '--experiments', 'nowhere'], /SW_EXPERIMENT_UNREADABLE: nowhere can't be read/],
    [['--level', 'proven', '--experiments', join(ROOT, 'examples/shop/claims.yaml')], /SW_EXPERIMENT_INVALID/],
    [['--report', 'report.bin'], /SW_USAGE: --report report.bin: the ending/],
    [['--report', 'no/such/directory.html'], /SW_CANNOT_WRITE: .*its directory is not writable/],
  ])('%s', async (flags, says) => {
    const { status, stdout, stderr } = await call(...SHOP, ...flags);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(says);
    expect(readdirSync(scratch)).toEqual([]);
  });

  test('the demo starts nothing when its report has no place to go', async () => {
    const { status, stderr } = await call('demo', '--report', 'no/such/directory.html');
    expect(status).toBe(2);
    expect(stderr).toMatch(/SW_CANNOT_WRITE/);
  });
});

test('the whole report goes to a file of each format asked for, beside the first screen', async () => {
  const { status, stdout } = await call(...SHOP, '--report', 'report.html', '--report', 'report.json');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^The 5 worst of/m);
  expect(readFileSync(join(scratch, 'report.html'), 'utf8')).toMatch(/^<!doctype html>/i);
  expect(JSON.parse(readFileSync(join(scratch, 'report.json'), 'utf8'))).toMatchObject({ kind: 'VerificationReport' });
  expect(readdirSync(scratch).sort()).toEqual(['report.html', 'report.json']);
});

test('a report that can not be written over an old one leaves the old one', async () => {
  writeFileSync(join(scratch, 'old.html'), 'old');
  await call(...SHOP, '--report', 'old.html', '--level', 'observed');
  expect(readFileSync(join(scratch, 'old.html'), 'utf8')).toBe('old');
});

test.skipIf(!existsSync('/dev/full'))('a full disk under stdout is one clear line, and no trace', () => {
  const full = openSync('/dev/full', 'w');
  const main = join(ROOT, 'src/cli/main.ts');
  const { status, stderr } = spawnSync(process.execPath, [main, ...SHOP], {
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
  });
  closeSync(full);
  expect(status).toBe(2);
  expect(stderr).toMatch(/^error SW_CANNOT_WRITE: the output can't be written: the disk is full\n$/);
});
