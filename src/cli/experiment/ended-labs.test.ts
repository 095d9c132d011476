import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openJournal, processStarted, readJournal } from '../../experiments/journal/local-journal.ts';
import { runCommand } from '../../testing/test-io.ts';
import { closeRunsOfEndedLabs } from './ended-labs.ts';

const directory = mkdtempSync(join(tmpdir(), 'ended-labs-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function begun(state: string, run: string, context: string, port: number, started = 'never'): void {
  const journal = openJournal(state, run);
  const server = `https://127.0.0.1:${port}`;
  const process_ = { pid: process.pid, started };
  journal.append({
    kind: 'begin',
    at: '2026-01-01T00:00:00Z',
    run,
    experiment: 'e',
    context,
    server,
    process: process_,
  });
  journal.close();
}

/** Nobody listens at port 1 of a machine. */
const REFUSED = 1;

test('a run whose lab has ended is closed; one of a lab that lives, of another cluster, or going on is not', async () => {
  const state = join(directory, 'one');
  const lab = createServer().listen(0, '127.0.0.1');
  await once(lab, 'listening');
  begun(state, 'ended', 'seaworthy-lab', REFUSED);
  begun(state, 'lives', 'seaworthy-lab', (lab.address() as AddressInfo).port);
  begun(state, 'cluster', 'production', REFUSED);
  begun(state, 'going-on', 'seaworthy-lab', REFUSED, processStarted(process.pid) ?? '');
  expect(await closeRunsOfEndedLabs(state, () => new Date())).toEqual(['ended']);
  expect(await closeRunsOfEndedLabs(state, () => new Date())).toEqual([]);
  expect(readJournal(state, 'ended').at(-1)).toMatchObject({ kind: 'end', state: 'ended with its lab' });
  for (const run of ['lives', 'cluster', 'going-on']) expect(readJournal(state, run)).toHaveLength(1);
  lab.close();
});

test('recover says so, and that no lab runs only when there was nothing to close', async () => {
  const state = join(directory, 'two');
  begun(state, 'ended', 'seaworthy-lab', REFUSED);
  const env = { SEAWORTHY_STATE: state, XDG_RUNTIME_DIR: directory, NO_COLOR: '1' };
  const recover = () => runCommand(['experiment', 'recover', '--lab'], { cwd: directory, env });
  expect(await recover()).toMatchObject({
    status: 0,
    stdout: 'closed  ended  it ended with its lab, which took all of it along\n',
  });
  expect((await recover()).stderr).toContain('SW_LAB_NOT_RUNNING');
});
