import { expect, test } from 'vitest';
import { snapshotOfYaml } from '../../../testing/snapshot-of-yaml.ts';
import { guessProfile } from './guess-profile.ts';

const daemonSet = (name: string, container = '{ name: main }'): string => `
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: ${name}, namespace: kube-system }
spec: { selector: {}, template: { spec: { containers: [${container}] } } }
---`;
const node = (annotation: string): string => `
apiVersion: v1
kind: Node
metadata: { name: n1, annotations: { ${annotation}: x } }
---`;
const config = (key: string, value: string): string => `
apiVersion: v1
kind: ConfigMap
metadata: { name: cilium-config, namespace: kube-system }
data: { ${key}: "${value}" }
---`;
const definition = (group: string): string => `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: things.${group} }
spec: { group: ${group} }
---`;

test.each([
  ['an agent', daemonSet('calico-node'), 'calico', 'yes'],
  ['the agent of GKE Dataplane V2', daemonSet('anetd'), 'cilium', 'yes'],
  ['an annotation of a node', node('k8s.ovn.org/node-subnets'), 'ovn', 'yes'],
  ['kinds alone', definition('crd.antrea.io'), 'antrea', 'yes'],
  [
    'a running agent before kinds that are left over',
    definition('crd.projectcalico.org') + daemonSet('cilium'),
    'cilium',
    'yes',
  ],
  ['policies of Calico on a network of AWS', daemonSet('aws-node') + daemonSet('calico-node'), 'calico', 'yes'],
  ['AWS without its policy agent', daemonSet('aws-node'), 'aws-vpc', 'no'],
  [
    'AWS with it',
    daemonSet('aws-node', '{ name: aws-eks-nodeagent, args: ["--enable-network-policy=true"] }'),
    'aws-vpc',
    'yes',
  ],
  ['an agent without a profile', daemonSet('kindnet'), undefined, 'yes'],
  ['a network without policies', daemonSet('kube-flannel-ds'), undefined, 'no'],
  ['Cilium that only audits', daemonSet('cilium') + config('policy-audit-mode', 'true'), 'cilium', 'no'],
  ['Cilium that enforces nothing', daemonSet('cilium') + config('enable-policy', 'never'), 'cilium', 'no'],
  ['nothing', node('example.com/x'), undefined, 'unknown'],
])('%s', (_, yaml, profile, enforces) => {
  const guess = guessProfile(snapshotOfYaml(yaml));
  expect({ profile: guess.profile, enforces: guess.enforces }).toEqual({ profile, enforces });
  expect(guess.because.length).toBeGreaterThan(0);
});
