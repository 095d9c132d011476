import { expect, test } from 'vitest';
import type { ClaimOf } from '../../../claims/claim.ts';
import { createFacts } from '../../../claims/facts.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { createSnapshot } from '../../../model/snapshot.ts';
import { thisMachine } from '../testing/this-machine.ts';
import { attackPathProbe } from './attack-path.ts';

function pod(privileged: boolean): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop', uid: 'u' },
    spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i', securityContext: { privileged } }] },
    status: { phase: 'Running', podIP: '10.0.0.7' },
  };
}

const NONE = { from: 'Shell:shop/web', to: 'Root', expect: 'none' } as const;

/** What a look says of a claim where one pod was read and another one runs. */
async function look(read: KubernetesObject, running: KubernetesObject, spec: ClaimOf<'attackPath'>['spec'] = NONE) {
  const claim = { kind: 'attackPath', name: 'c', severity: 'high', derivedFrom: [], spec } as const;
  const source = { kind: 'cluster', description: 'test' } as const;
  const snapshot = createSnapshot({ source, resources: [{ object: read }] });
  const { at } = thisMachine({ path: '/nonexistent', probe: false, objects: [running] });
  const world = { ...at, snapshot, facts: createFacts(snapshot), reread: () => Promise.resolve(snapshot) };
  return attackPathProbe(claim, world).sample();
}

test('a path whose every hop is confirmed violates the claim, each hop with what was seen', async () => {
  const { verdict, because } = await look(pod(true), pod(true));
  expect(verdict).toBe('violated');
  expect(because).toMatchObject([
    {
      kind: 'observation',
      says: 'from Shell:shop/web to Root there is a path, and the cluster confirms every hop of it (1)',
    },
    { kind: 'observation', data: { hop: 'B1 Shell:shop/web > Root', verdict: 'proven', seen: [{ check: 'pod' }] } },
  ]);
});

test('the claim holds when the cluster refutes a hop of every path, or has none', async () => {
  const refuted = await look(pod(true), pod(false));
  expect([refuted.verdict, refuted.because[0]?.says]).toEqual([
    'holds',
    'from Shell:shop/web to Root every path found has a hop the cluster refutes',
  ]);
  expect((await look(pod(false), pod(false))).verdict).toBe('holds');
});

test('a hop that can not be looked at leaves it unknown', async () => {
  const gone = { ...pod(true), status: { phase: 'Succeeded' } };
  const { verdict, because } = await look(pod(true), gone);
  expect(verdict).toBe('unknown');
  expect(because[0]?.says).toBe(
    'from Shell:shop/web to Root there is a path, of which the cluster does not show every hop (1 of 1)',
  );
});
