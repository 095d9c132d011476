import { expect, test } from 'vitest';
import { snapshotOfYaml } from '../../testing/snapshot-of-yaml.ts';
import { findPolicyAgent } from './find-policy-agent.ts';

test('a known agent is found where things may be touched, and nowhere else', () => {
  const snapshot = snapshotOfYaml(
    ['log-shipper', 'calico-node']
      .map((name) => `apiVersion: apps/v1\nkind: DaemonSet\nmetadata: { name: ${name}, namespace: kube-system }\n`)
      .join('---\n'),
  );
  expect(findPolicyAgent(snapshot, ['shop', 'kube-system'])).toEqual({
    namespace: 'kube-system',
    daemonSet: 'calico-node',
  });
  expect(findPolicyAgent(snapshot, ['shop'])).toBeUndefined();
});
