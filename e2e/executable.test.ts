import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { VERSION } from '../src/cli/version.ts';

const home = mkdtempSync(join(tmpdir(), 'executable-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** The published executable, as a shell starts it. */
function start(env: Readonly<Record<string, string>>) {
  const { PATH = '' } = process.env;
  return spawnSync(process.execPath, [join(import.meta.dirname, '../bin/seaworthy.js'), '--version'], {
    env: { PATH, ...env },
    encoding: 'utf8',
    timeout: 60_000,
  });
}

test('it keeps what was compiled in the home of the person, and nowhere else', { timeout: 70_000 }, () => {
  expect(start({ HOME: home })).toMatchObject({ status: 0, stdout: `${VERSION}\n`, stderr: '' });
  expect(readdirSync(home)).toEqual(['.cache']);
  expect(readdirSync(join(home, '.cache', 'seaworthy'))).toEqual(['compiled']);
});

test.each([[{}], [{ HOME: '/proc' }]])('it starts with %j, too', { timeout: 70_000 }, (env) => {
  expect(start(env)).toMatchObject({ status: 0, stdout: `${VERSION}\n`, stderr: '' });
});
