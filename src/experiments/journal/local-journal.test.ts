import { appendFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { conductorLives, listRuns, openJournal, processStarted, readJournal, stateDirectory } from './local-journal.ts';

const state = mkdtempSync(join(tmpdir(), 'journal-'));
afterAll(() => rmSync(state, { recursive: true, force: true }));
const end = { kind: 'end', at: '2026-01-01T00:00:00Z', state: 'completed' } as const;
const begin = (started: string, pid = process.pid) =>
  ({
    kind: 'begin',
    at: '2026-01-01T00:00:00Z',
    run: 'r',
    experiment: 'e',
    context: 'c',
    server: 's',
    process: { pid, started },
  }) as const;

test('what was appended is read back in order, by the owner only', () => {
  const journal = openJournal(state, 'one');
  journal.append(begin('1'));
  journal.append(end);
  journal.close();
  expect(readJournal(state, 'one')).toEqual([begin('1'), end]);
  expect(statSync(join(state, 'runs', 'one', 'journal.ndjson')).mode & 0o077).toBe(0);
  expect(listRuns(state)).toEqual(['one']);
});

test('a line that a crash cut short is no entry, and takes no later one with it', () => {
  const journal = openJournal(state, 'torn');
  journal.append(begin('1'));
  journal.close();
  appendFileSync(join(state, 'runs', 'torn', 'journal.ndjson'), '{"kind":"int');
  const again = openJournal(state, 'torn');
  again.append(end);
  again.close();
  expect(readJournal(state, 'torn')).toEqual([begin('1'), end]);
});

test('a conductor lives when its process does, and a reused process id is not taken for it', () => {
  expect(conductorLives([begin(processStarted(process.pid) ?? '')])).toBe(true);
  expect(conductorLives([begin('1')])).toBe(false);
  expect(conductorLives([begin('1', 2 ** 22 + 1)])).toBe(false);
  expect(conductorLives([])).toBe(false);
});

test('runs are kept where the environment says', () => {
  expect(stateDirectory({ SEAWORTHY_STATE: '/s', XDG_STATE_HOME: '/x' })).toBe('/s');
  expect(stateDirectory({ XDG_STATE_HOME: '/x', HOME: '/h' })).toBe('/x/seaworthy');
  expect(stateDirectory({ HOME: '/h' })).toBe('/h/.local/state/seaworthy');
});
