import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { withLabServer } from '../../cluster/testing/with-lab-server.ts';
import type { FaultContext, Injection } from '../faults/define-fault.ts';
import { sham } from '../faults/sham.ts';
import { systemClock } from '../system.ts';
import { faultContext } from '../testing/world.ts';
import { storedIntents, takeOver } from './cluster-journal.ts';
import { createInjector } from './injector.ts';
import { openJournal } from './local-journal.ts';

const lab = withLabServer();
const state = mkdtempSync(join(tmpdir(), 'injector-'));
afterAll(() => rmSync(state, { recursive: true, force: true }));

function context(run: string): FaultContext {
  return faultContext(lab.client, run, { clock: systemClock });
}

const injection = (run: string, name: string): Injection => ({
  fault: 'sham',
  id: `${run}${name}`.padEnd(10, '0'),
  run,
  target: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name },
  says: `do nothing to ${name}`,
  touches: { namespaces: ['shop'], pods: [], nodes: [] },
  data: {},
});

test('a heartbeat while faults are taken back does not take our own tidying for somebody else', async () => {
  const at = context('tidy');
  const beats: Promise<boolean>[] = [];
  const injector = createInjector({
    experiment: 'e',
    owner: 'us',
    journal: openJournal(state, 'tidy'),
    ttlMs: 60_000,
    onStep(step) {
      if (step === 'forgotten in cluster') beats.push(injector.beat(at));
    },
  });
  for (const name of ['a', 'b']) await injector.apply(sham, injection('tidy', name), at);
  expect(await injector.beat(at)).toBe(true);
  await injector.undoAll(at);
  expect(await Promise.all(beats)).toEqual([true, true]);
  expect(await storedIntents(lab.client)).toEqual({ kind: 'ok', value: [] });
});

test('a heartbeat notices that somebody else has taken over', async () => {
  const at = context('lost');
  const journal = openJournal(state, 'lost');
  const injector = createInjector({ experiment: 'e', owner: 'us', journal, ttlMs: 60_000 });
  await injector.apply(sham, injection('lost', 'a'), at);
  const stored = await storedIntents(lab.client);
  if (stored.kind !== 'ok' || !stored.value[0]) throw new Error('the intent is not there');
  await takeOver(lab.client, stored.value[0], 'somebody else');
  expect(await injector.beat(at)).toBe(false);
  await injector.undoAll(at);
});
