import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withLabServer } from '../../cluster/testing/with-lab-server.ts';
import type { Injection } from '../faults/define-fault.ts';
import { faultContext } from '../testing/world.ts';
import { beat, forgetIntent, recordIntent, storedIntents } from './cluster-journal.ts';
import { openJournal, processStarted, readJournal } from './local-journal.ts';
import type { Intent } from './records.ts';
import { recover, type RecoverOptions } from './recover.ts';

const lab = withLabServer();
let state: string;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'recover-'));
});
afterEach(async () => {
  const stored = await storedIntents(lab.client);
  for (const { ref } of stored.kind === 'ok' ? stored.value : []) await lab.client.delete(ref);
  rmSync(state, { recursive: true, force: true });
});

function intent(run: string, fault = 'sham', data: Injection['data'] = {}): Intent {
  const injection: Injection = {
    fault,
    id: 'abcdefghij',
    run,
    target: { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: run },
    says: `${fault} of ${run}`,
    touches: { namespaces: [], pods: [], nodes: [] },
    data,
  };
  return { experiment: 'e', ttlMs: 60_000, injection };
}

/** A run as its journal on disk tells it. */
function journalled(
  run: string,
  options: { readonly server?: string; readonly lives?: boolean; readonly intents?: readonly Intent[] } = {},
): void {
  const journal = openJournal(state, run);
  const at = '2026-01-01T00:00:00Z';
  const started = options.lives === true ? (processStarted(process.pid) ?? '') : 'never';
  journal.append({
    kind: 'begin',
    at,
    run,
    experiment: 'e',
    context: 'lab',
    server: options.server ?? lab.client.server,
    process: { pid: process.pid, started },
  });
  for (const one of options.intents ?? []) journal.append({ kind: 'intent', at, intent: one });
  journal.close();
}

const recovering = (options: Partial<RecoverOptions> = {}, more = {}) =>
  recover({ state, watchMs: 0, ...options }, faultContext(lab.client, 'recovery', more));
const isClosed = (run: string): boolean => readJournal(state, run).some(({ kind }) => kind === 'end');

test('a run that lives is left alone, unless it is forced', async () => {
  const one = intent('alive');
  journalled('alive', { lives: true, intents: [one] });
  await recordIntent(lab.client, one, 'conductor');
  expect(await recovering()).toMatchObject({ recovered: [], left: [{ because: 'run alive is still going on' }] });
  expect(isClosed('alive')).toBe(false);
  expect((await recovering({ force: true })).recovered).toHaveLength(1);
  expect(isClosed('alive')).toBe(true);
});

test('a run of another machine is left alone while its heartbeat changes', async () => {
  const one = intent('remote');
  await recordIntent(lab.client, one, 'conductor');
  let beats = 0;
  const clock = {
    now: () => new Date(),
    // While recovery watches, the conductor elsewhere goes on.
    sleep: async () => void (await beat(lab.client, one, 'conductor', ++beats)),
  };
  expect((await recovering({}, { clock })).left).toMatchObject([{ because: 'run remote is still going on' }]);
  expect(beats).toBe(1);
  expect((await recovering()).recovered).toHaveLength(1);
});

test('nothing is closed while the intents in the cluster can not be listed', async () => {
  const one = intent('blind');
  journalled('blind', { intents: [one] });
  await recordIntent(lab.client, one, 'conductor');
  const blind = { ...lab.client, resourceOf: async () => undefined };
  const found = await recover({ state, watchMs: 0 }, faultContext(blind, 'recovery'));
  expect(found.left).toMatchObject([{ what: 'intents in the cluster' }]);
  expect(isClosed('blind')).toBe(false);
  await recovering();
  expect(isClosed('blind')).toBe(true);
});

test('a run against another cluster is named, and not closed', async () => {
  journalled('other', { server: 'https://elsewhere:6443', intents: [intent('other')] });
  const found = await recovering();
  expect(found).toMatchObject({
    recovered: [],
    left: [],
    elsewhere: [{ what: 'run other (e)', because: 'it changed another cluster, https://elsewhere:6443' }],
  });
  expect(isClosed('other')).toBe(false);
});

test('an intent of a fault that this version does not know is left, and its run stays open', async () => {
  const one = intent('newer', 'black-hole');
  journalled('newer', { intents: [one] });
  await recordIntent(lab.client, one, 'conductor');
  expect((await recovering()).left).toMatchObject([{ because: 'this version of seaworthy knows no fault black-hole' }]);
  expect(isClosed('newer')).toBe(false);
});

test('commands are run for what the local journal says, and never for what only a cluster says', async () => {
  const ran: string[] = [];
  const command = async (words: readonly string[]) => {
    ran.push(words.join(' '));
    return { code: 0, output: '' };
  };
  const data = { describe: 'a test', apply: ['break'], undo: ['mend'] };
  const ours = intent('ours', 'external-command', data);
  journalled('ours', { intents: [ours] });
  // Somebody who can write ConfigMaps changes the command in the cluster.
  await recordIntent(
    lab.client,
    { ...ours, injection: { ...ours.injection, data: { ...data, undo: ['steal'] } } },
    'conductor',
  );
  const stranger = intent('stranger', 'external-command', data);
  await recordIntent(lab.client, stranger, 'conductor');
  const found = await recovering({}, { command });
  expect(ran).toEqual(['mend']);
  expect(found.recovered.flatMap(({ residue }) => residue)).toMatchObject([
    { what: expect.stringContaining('recover there') },
  ]);
  await forgetIntent(lab.client, stranger);
});

test('a run that no journal knows is not known', async () => {
  expect((await recovering({ run: 'nope' })).known).toBe(false);
  expect((await recovering()).known).toBe(true);
});
