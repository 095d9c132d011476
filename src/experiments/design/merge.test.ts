import { expect, test } from 'vitest';
import { ExperimentSchema, type Experiment, type ExperimentInput } from '../schema.ts';
import { mergeByFault } from './merge.ts';

const experiment = (name: string, claim: string, app: string, maxPods = 1): Experiment =>
  ExperimentSchema.parse({
    apiVersion: 'seaworthy.dev/v1alpha1',
    kind: 'Experiment',
    metadata: { name },
    spec: {
      hypothesis: [{ claim }],
      faults: [{ podKill: { target: { namespace: 'shop', pods: { matchLabels: { app } } } } }],
      blastRadius: { namespaces: ['shop'], maxPods },
    },
  } satisfies ExperimentInput);

test('the same harm is done once, and tries the claims of all', () => {
  const merged = mergeByFault([
    experiment('a', 'shop/one', 'web', 1),
    experiment('b', 'shop/two', 'store'),
    experiment('c', 'shop/three', 'web', 2),
    experiment('d', 'shop/one', 'web'),
  ]);
  expect(merged.map(({ metadata, spec }) => [metadata.name, spec.hypothesis.map(({ claim }) => claim)])).toEqual([
    ['a', ['shop/one', 'shop/three']],
    ['b', ['shop/two']],
  ]);
  expect(merged[0]?.spec.blastRadius).toEqual({ namespaces: ['shop'], maxPods: 2, maxNodes: 0 });
});
