import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { at, records } from '../model/json.ts';
import { compare, inhabit, type Inhabitant, type Target } from './testing/agreement.ts';
import { deployExample } from './testing/manifests.ts';
import { policySets } from './testing/random-policies.ts';
import { startTestLab, type TestLab } from './testing/test-lab.ts';
import { settle } from './testing/village.ts';

/**
 * The policy agent and `analysis/network` share no code: where packets of both families and analysis agree, both are
 * right.
 */
let lab: TestLab;
beforeAll(async () => {
  lab = await startTestLab({ dualStack: true });
});
afterAll(() => lab?.stop());

test('on random policies', async () => {
  const village = await settle(lab);
  const addresses = village.pods.map((pod) => pod.addresses);
  const seen: Record<string, number> = {};
  await fc.assert(
    fc.asyncProperty(policySets(addresses), async (set) => {
      const { verdicts, disagreements } = await village.tryOut(set);
      for (const [verdict, count] of Object.entries(verdicts)) seen[verdict] = (seen[verdict] ?? 0) + count;
      expect(disagreements).toEqual([]);
    }),
    // A failure is told at once: every try to make it smaller takes a second.
    { numRuns: 20, endOnFailure: true },
  );
  // Neither everything open nor everything shut: the comparison has met both, and nothing it could not judge.
  expect(Object.keys(seen).sort()).toEqual(['allowed', 'denied']);
  await village.leave();
});

test('on every pair of pods of the demo shop', async () => {
  await deployExample(lab, 'shop/manifests');
  const running = await lab.allPodsReady(['shop', 'payments', 'admin', 'ci']);
  const targets = new Map(running.map((pod) => [`${pod.metadata.namespace}/${pod.metadata.name}`, targetsOf(pod)]));
  const pods = await inhabit(lab, running);
  const compared = await compare(lab, pods, (pod: Inhabitant) => targets.get(`${pod.namespace}/${pod.name}`) ?? []);
  expect(compared.disagreements).toEqual([]);
  expect(compared.verdicts['allowed']).toBeGreaterThan(0);
  expect(compared.verdicts['denied']).toBeGreaterThan(0);
});

/** The TCP ports a pod says it has, and one it has not: a refusal from there is a packet that came through. */
function targetsOf(pod: unknown): readonly Target[] {
  const declared = records(at(pod, 'spec', 'containers')).flatMap(([, container]) =>
    records(container['ports']).flatMap(([, port]) =>
      (port['protocol'] ?? 'TCP') === 'TCP' ? [Number(port['containerPort'])] : [],
    ),
  );
  return [...new Set([...declared, 9])].map((port) => ({ protocol: 'TCP', port }));
}
