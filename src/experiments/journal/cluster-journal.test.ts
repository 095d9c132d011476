import { expect, test } from 'vitest';
import { withLabServer } from '../../cluster/testing/with-lab-server.ts';
import type { Injection } from '../faults/define-fault.ts';
import { beat, forgetIntent, recordIntent, storedIntents, takeOver, type StoredIntent } from './cluster-journal.ts';
import type { Intent } from './records.ts';

const lab = withLabServer();

function intent(run: string, id: string, name = 'web'): Intent {
  const injection: Injection = {
    fault: 'sham',
    id: id.padEnd(10, '0'),
    run,
    target: { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name },
    says: 'nothing',
    touches: { namespaces: ['shop'], pods: [], nodes: [] },
    data: {},
  };
  return { experiment: 'e', ttlMs: 60_000, injection };
}

async function stored(): Promise<readonly StoredIntent[]> {
  const listed = await storedIntents(lab.client);
  return listed.kind === 'ok' ? listed.value : [];
}

test('an intent is written once, read back whole, and forgotten', async () => {
  const one = intent('run-a', 'a');
  expect(await recordIntent(lab.client, one, 'us')).toEqual({ kind: 'recorded' });
  expect(await recordIntent(lab.client, one, 'us')).toEqual({ kind: 'recorded' });
  const [found] = await stored();
  expect(found?.intent).toEqual(one);
  const created = Date.parse(found?.object.metadata.creationTimestamp ?? '');
  expect(found?.expires?.getTime()).toBe(created + 60_000);
  expect(await forgetIntent(lab.client, one)).toMatchObject({ kind: 'ok' });
  expect(await forgetIntent(lab.client, one)).toMatchObject({ kind: 'ok' });
  expect(await stored()).toEqual([]);
});

test('a target is held by one run; several faults of that run may aim at it', async () => {
  const [first, second, stranger] = [intent('run-a', 'a'), intent('run-a', 'b'), intent('run-b', 'c')];
  expect(await recordIntent(lab.client, first, 'us')).toEqual({ kind: 'recorded' });
  expect(await recordIntent(lab.client, second, 'us')).toEqual({ kind: 'recorded' });
  expect(await recordIntent(lab.client, stranger, 'them')).toMatchObject({
    kind: 'locked',
    because: 'Pod shop/web is held by run run-a',
  });
  // What is not theirs they can't forget.
  await forgetIntent(lab.client, stranger);
  expect(await stored()).toHaveLength(2);
  expect(await beat(lab.client, second, 'us', 1)).toBe(true);
  for (const one of [second, first]) await forgetIntent(lab.client, one);
  expect(await stored()).toEqual([]);
});

test('who recovers becomes the owner, one at a time, and the conductor notices', async () => {
  const one = intent('run-a', 'a');
  await recordIntent(lab.client, one, 'us');
  expect(await beat(lab.client, one, 'us', 1)).toBe(true);
  const [seen] = await stored();
  if (!seen) throw new Error('it was written');
  expect(await takeOver(lab.client, seen, 'them')).toMatchObject({ kind: 'ok' });
  expect(await takeOver(lab.client, seen, 'others')).toMatchObject({ kind: 'conflict' });
  expect(await beat(lab.client, one, 'us', 2)).toBe(false);
  await forgetIntent(lab.client, one);
});

test('an intent that the API server refuses was surely not written', async () => {
  const nowhere = { ...intent('run-a', 'a') };
  const elsewhere = {
    ...nowhere,
    injection: { ...nowhere.injection, target: { ...nowhere.injection.target, namespace: 'no-such' } },
  };
  expect(await recordIntent(lab.client, elsewhere, 'us')).toMatchObject({ kind: 'failed' });
});

test('an object that is no intent is shown as one that can not be read', async () => {
  const metadata = { name: 'odd', namespace: 'shop', labels: { 'seaworthy.dev/journal': 'intent' } };
  await lab.client.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { intent: '{"experiment": 1}' } });
  expect(await stored()).toMatchObject([{ intent: undefined, expires: undefined, ref: { name: 'odd' } }]);
  await lab.client.delete({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'odd' });
});
