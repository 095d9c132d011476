import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KubernetesObject } from '../../model/object.ts';
import { createSnapshot, type Gap, type Snapshot } from '../../model/snapshot.ts';
import { analyseNetwork, PROFILE_NAMES } from './index.ts';
import { clusters } from './testing/clusters.ts';
import { everyAnswer } from './testing/every-answer.ts';
import { extendedClusters } from './testing/extension-clusters.ts';
import type { Cluster, Manifest } from './testing/packet.ts';

/** An updated analysis says what an analysis of the later snapshot says, and leaves the earlier one as it was. */

const HOW = 'edit edit add remove back gap namespace service pod join relabel move host end'.split(' ');

/** One step of a history: which object is touched, how, and what comes in its place. */
const edits = fc.array(
  fc.record({
    how: fc.constantFrom(...HOW),
    which: fc.nat(20),
    donor: fc.nat(20),
  }),
  { minLength: 1, maxLength: 6 },
);
type Edit = { readonly how: string; readonly which: number; readonly donor: number };

/** Pods of one namespace share two owners, so that a workload has several pods and outlives them. */
const owned = (cluster: Cluster): Cluster => ({
  ...cluster,
  pods: cluster.pods.map((pod, i) => ({
    ...pod,
    metadata: {
      ...pod.metadata,
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: `w${i % 2}`,
          uid: `${pod.metadata.namespace}${i % 2}`,
          controller: true,
        },
      ],
    },
  })),
});

/** Pods alike but for labels and addresses, and a policy that looks at neither: every other policy draws lines between them. */
const alike = (cluster: Cluster): Cluster => ({
  ...owned(cluster),
  pods: owned(cluster).pods.map((pod) => ({
    ...pod,
    metadata: { ...pod.metadata, namespace: 'a' },
    spec: { containers: [] },
  })),
  policies: [
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'first', namespace: 'a' },
      spec: { podSelector: {}, policyTypes: ['Ingress'], ingress: [{ from: [{ ipBlock: { cidr: '8.8.8.8/32' } }] }] },
    },
  ],
});

/** Everything happens in one namespace. */
const inOne = (cluster: Cluster): Cluster => ({
  ...cluster,
  policies: cluster.policies.map((policy) =>
    policy.kind === 'NetworkPolicy' ? { ...policy, metadata: { ...policy.metadata, namespace: 'a' } } : policy,
  ),
});

const same = (cluster: Cluster): Cluster => cluster;

const historiesOf = (
  from: fc.Arbitrary<Cluster>,
  first: (cluster: Cluster) => Cluster,
  then: (cluster: Cluster) => Cluster,
) =>
  fc.record({
    first: from.map(first),
    // Policies of the same kinds, to come in the place of others.
    donors: from.map(then),
    steps: edits,
    profile: fc.constantFrom(...PROFILE_NAMES),
  });

const anyCluster = fc.oneof(clusters, clusters, extendedClusters);
const histories = fc.oneof(
  historiesOf(anyCluster, same, same),
  historiesOf(anyCluster, owned, same),
  historiesOf(clusters, alike, inOne),
  historiesOf(clusters, alike, inOne),
);

const GAP: Gap = {
  kind: 'NetworkPolicy.networking.k8s.io',
  namespace: 'a',
  reason: 'forbidden',
  detail: 'NetworkPolicies could not be listed',
  remedy: 'Grant list.',
};

const SERVICE: Manifest = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'all', namespace: 'a' },
  spec: { type: 'NodePort', selector: {}, ports: [{ port: 80 }] },
};

interface State {
  readonly cluster: Cluster;
  readonly gap: boolean;
  readonly service: Manifest;
}

function after({ cluster, gap, service }: State, { how, which, donor }: Edit, first: Cluster, donors: Cluster): State {
  const { policies, pods, namespaces } = cluster;
  const given = donors.policies[donor % Math.max(1, donors.policies.length)];
  const at = which % Math.max(1, policies.length);
  const put = <T>(list: readonly T[], index: number, make: (old: T) => T): readonly T[] =>
    list.map((old, i) => (i === index % list.length ? make(old) : old));
  const relabelled = (old: Manifest): Manifest => ({
    ...old,
    metadata: { ...old.metadata, labels: donors.pods[donor % donors.pods.length]?.metadata.labels },
  });
  const of = (changed: Partial<Cluster>): State => ({ cluster: { ...cluster, ...changed }, gap, service });
  const joining = donors.pods[donor % donors.pods.length] as Manifest;
  switch (how) {
    case 'edit':
      return given
        ? of({
            policies: put(policies, at, (old) =>
              old.kind === given.kind ? { ...old, spec: given.spec } : { ...old, spec: { ...old.spec } },
            ),
          })
        : of({});
    case 'add':
      return given && given.kind !== 'BaselineAdminNetworkPolicy'
        ? of({ policies: [...policies, { ...given, metadata: { ...given.metadata, name: `add${which}` } }] })
        : of({});
    case 'remove':
      return of({ policies: policies.filter((_, i) => i !== at) });
    case 'back':
      return of({ policies: first.policies });
    case 'pod':
      return of({ pods: pods.length > 1 ? pods.slice(1) : first.pods });
    case 'relabel':
      return of({ pods: put(pods, which, relabelled) });
    case 'join':
      // A pod more of the workload of another, somewhere in the list.
      return of({
        pods: pods.flatMap((pod, i) =>
          i === which % pods.length
            ? [
                {
                  ...pod,
                  ...parts(joining),
                  metadata: { ...pod.metadata, name: `j${which}${pods.length}`, labels: joining.metadata.labels },
                },
                pod,
              ]
            : [pod],
        ),
      });
    case 'move':
      return of({ pods: put(pods, which, (pod) => ({ ...pod, ...parts(joining) })) });
    case 'host':
      return of({
        pods: put(pods, which, (pod) => ({
          ...pod,
          spec: { ...pod.spec, nodeName: 'n', hostNetwork: pod.spec.hostNetwork !== true },
        })),
      });
    case 'end':
      return of({ pods: put(pods, which, (pod) => ({ ...pod, status: { ...pod.status, phase: 'Succeeded' } })) });
    case 'namespace':
      return of({ namespaces: put(namespaces, which, relabelled) });
    case 'service':
      return { cluster, gap, service: { ...service, spec: { ...service.spec, ports: [{ port: 80 + which }] } } };
    default:
      return { cluster, gap: !gap, service };
  }
}

/** The ports and addresses of a pod. */
function parts({ spec, status }: Manifest): Pick<Manifest, 'spec' | 'status'> {
  return { spec, status };
}

/** Objects that are the same keep their resource, as they do where one snapshot is made from another. */
function snapshots(): (state: State) => Snapshot {
  const resources = new Map<Manifest, { readonly object: KubernetesObject }>();
  const locate = (): undefined => undefined;
  return ({ cluster, gap, service }) =>
    createSnapshot({
      source: { kind: 'files', description: 'test' },
      locate,
      ...(gap ? { gaps: [GAP] } : {}),
      resources: [service, ...cluster.namespaces, ...cluster.pods, ...cluster.policies].map((object) => {
        let known = resources.get(object);
        if (!known) resources.set(object, (known = { object: object as KubernetesObject }));
        return known;
      }),
    });
}

const podsOf = ({ pods }: Cluster) => pods.map(({ metadata }) => metadata as { namespace: string; name: string });

test('an updated analysis answers as a new one does, however many changes came before', () => {
  fc.assert(
    fc.property(histories, ({ first, donors, steps, profile }) => {
      const snapshotOf = snapshots();
      let state: State = { cluster: first, gap: false, service: SERVICE };
      let analysis = analyseNetwork(snapshotOf(state), { profile });
      for (const step of steps) {
        state = after(state, step, first, donors);
        const snapshot = snapshotOf(state);
        analysis = analysis.update(snapshot);
        expect(everyAnswer(analysis, podsOf(state.cluster))).toEqual(
          everyAnswer(analyseNetwork(snapshot, { profile }), podsOf(state.cluster)),
        );
      }
    }),
    { numRuns: 80 },
  );
});

test('the analysis before a change answers as before, whether it was asked before or not', () => {
  fc.assert(
    fc.property(histories, fc.boolean(), ({ first, donors, steps, profile }, asked) => {
      const snapshotOf = snapshots();
      let state: State = { cluster: first, gap: false, service: SERVICE };
      const before = analyseNetwork(snapshotOf(state), { profile });
      const expected = everyAnswer(asked ? before : analyseNetwork(snapshotOf(state), { profile }), podsOf(first));
      let analysis = before;
      for (const step of steps) {
        state = after(state, step, first, donors);
        analysis = analysis.update(snapshotOf(state));
        everyAnswer(analysis, podsOf(state.cluster));
      }
      expect(everyAnswer(before, podsOf(first))).toEqual(expected);
    }),
    { numRuns: 20 },
  );
});

test('a pod on the other side of a line that parted nobody so far joins nobody', () => {
  const pod = (name: string, labels: Readonly<Record<string, string>>): Manifest => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'a',
      labels,
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'w', uid: 'w', controller: true }],
    },
    spec: { containers: [] },
    status: { podIPs: [{ ip: '10.0.0.1' }] },
  });
  const policy: Manifest = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'n', namespace: 'a' },
    spec: { podSelector: { matchLabels: { app: 'x' } }, policyTypes: ['Ingress'] },
  };
  const cluster: Cluster = { namespaces: [], pods: [pod('p0', { app: 'x' }), pod('p1', { app: 'x' })], policies: [] };
  const snapshotOf = snapshots();
  const state = (changed: Partial<Cluster>): State => ({
    cluster: { ...cluster, ...changed },
    gap: false,
    service: SERVICE,
  });
  const later = state({ policies: [policy], pods: [...cluster.pods, pod('p2', {})] });
  const analysis = analyseNetwork(snapshotOf(state({})))
    .update(snapshotOf(state({ policies: [policy] })))
    .update(snapshotOf(later));
  const verdict = (name: string): string =>
    analysis.query({ kind: 'cidr', cidr: '8.8.8.8' }, { kind: 'workload', namespace: 'a', name }).verdict;
  expect(['p0', 'p1', 'p2'].map(verdict)).toEqual(['denied', 'denied', 'allowed']);
});
