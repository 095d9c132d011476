import { expect, test } from 'vitest';
import type { KubernetesObject } from '../../model/object.ts';
import { createSnapshot } from '../../model/snapshot.ts';
import { claimId } from '../claim.ts';
import { createFacts } from '../facts.ts';
import { attackPaths } from './attack-paths.ts';

const pod = (spec: object): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' } },
  spec: { containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80 }] }], ...spec },
});
const service: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80 }] },
};

function derivedFrom(...objects: readonly KubernetesObject[]): readonly string[] {
  const source = { kind: 'files', description: 'test' } as const;
  const snapshot = createSnapshot({ source, resources: objects.map((object) => ({ object })) });
  return attackPaths.derive(createFacts(snapshot)).map(claimId);
}

test('a published service implies that what is behind it does not lead to cluster-admin', () => {
  expect(derivedFrom(pod({}), service)).toEqual(['exposed-workloads-do-not-lead-to-cluster-admin']);
});

test('a pod on the network of its node is published by nobody', () => {
  expect(derivedFrom(pod({ hostNetwork: true }))).toEqual([]);
  expect(derivedFrom(pod({}))).toEqual([]);
});
