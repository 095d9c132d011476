import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KubernetesObject } from '../../model/object.ts';
import { createSnapshot, withKinds } from '../../model/snapshot.ts';
import { analyseNetwork } from './index.ts';
import { compareHistory } from './testing/compare-history.ts';
import { workloadHistories } from './testing/workload-histories.ts';

test('however workloads come, go and change owners, an updated analysis answers as a new one does', () => {
  fc.assert(fc.property(workloadHistories, compareHistory), { numRuns: 20 });
});

test('a Job whose last pod has ended is nobody, and one that never had a pod stands by its template', () => {
  const job = (replaced: string): { readonly object: KubernetesObject } => ({
    object: {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'j', namespace: 'a', annotations: { replaced } },
      spec: { template: { spec: { containers: [] } } },
    },
  });
  const ended: KubernetesObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'p',
      namespace: 'a',
      ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: 'j', uid: 'j', controller: true }],
    },
    status: { phase: 'Succeeded' },
  };
  const source = { kind: 'files', description: 'test' } as const;
  const never = createSnapshot({ source, resources: [job('no')] });
  const once = createSnapshot({ source, resources: [job('no'), { object: ended }] });
  const after = (snapshot: typeof never): readonly string[] =>
    analyseNetwork(snapshot)
      .update(withKinds(snapshot, new Map([['Job.batch', [job('yes')]]])))
      .workloads.map(({ id }) => id);
  expect([after(never), after(once)]).toEqual([['a/j[Job]'], []]);
});

test('places of workloads that have gone are not kept for ever', () => {
  const source = { kind: 'files', description: 'test' } as const;
  const podNamed = (name: string): { readonly object: KubernetesObject } => ({
    object: { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'a' } },
  });
  let snapshot = createSnapshot({ source, resources: [podNamed('stays'), podNamed('p0')] });
  let analysis = analyseNetwork(snapshot);
  const places: number[] = [];
  for (let i = 1; i <= 700; i++) {
    const list = snapshot.list('Pod').toSpliced(1, 1, podNamed(`p${i}`));
    snapshot = withKinds(snapshot, new Map([['Pod', list]]));
    analysis = analysis.update(snapshot);
    expect(analysis.workloads.map(({ ref }) => ref.name)).toEqual(['stays', `p${i}`]);
    places.push(analysis.workloads[1]?.index ?? -1);
  }
  expect(Math.max(...places)).toBeLessThan(300);
});
