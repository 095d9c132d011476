/** Histories of clusters in which workloads come and go, change owners, fall back to their templates, or end. Only for tests. */
import * as fc from 'fast-check';
import type { KubernetesObject } from '../../../model/object.ts';
import { createSnapshot, type Snapshot } from '../../../model/snapshot.ts';
import { PROFILE_NAMES, type ProfileName } from '../profiles/profile.ts';
import { clusters, labels } from './clusters.ts';

const ownerOf = (apiVersion: string, kind: string, name: string) => ({
  ownerReferences: [{ apiVersion, kind, name, uid: `${kind}-${name}`, controller: true }],
});
const replicaSet = (name: string) => ownerOf('apps/v1', 'ReplicaSet', name);

/** Some of the owners named are there at times, and some never. */
const OWNERS = {
  pod: [
    {},
    ...['r0', 'r1', 'never'].map(replicaSet),
    ownerOf('batch/v1', 'Job', 'j0'),
    ownerOf('apps/v1', 'StatefulSet', 's0'),
    ownerOf('v1', 'Node', 'n0'),
  ],
  replicaSet: [
    {},
    ownerOf('apps/v1', 'Deployment', 'd0'),
    ownerOf('apps/v1', 'Deployment', 'never'),
    ownerOf('argoproj.io/v1alpha1', 'Rollout', 'o0'),
  ],
  job: [{}, ownerOf('batch/v1', 'CronJob', 'c0')],
  rollout: [{}, ownerOf('apps/v1', 'Deployment', 'd0')],
} as const;

const pod = fc
  .record({
    labels,
    owner: fc.constantFrom(...OWNERS.pod),
    phase: fc.constantFrom('Running', 'Running', 'Running', 'Succeeded'),
    ip: fc.constantFrom([], ['10.0.0.1'], ['10.0.0.2'], ['10.0.0.9', '2001:db8::2']),
    hostNetwork: fc.constantFrom(false, false, false, true),
    ports: fc.constantFrom([], [{ containerPort: 80, name: 'http' }], [{ containerPort: 53, hostPort: 53 }]),
  })
  .map(({ labels: own, owner, phase, ip, hostNetwork, ports }) => ({
    metadata: { labels: own, ...owner },
    spec: { nodeName: 'n0', hostNetwork, containers: [{ name: 'c', ports }] },
    status: { phase, hostIP: '10.0.0.77', podIPs: ip.map((one) => ({ ip: one })) },
  }));

const template = labels.map((own) => ({ metadata: { labels: own }, spec: { containers: [{ name: 'c' }] } }));

const controller = (owners: readonly object[]) =>
  fc
    .record({ owner: fc.constantFrom(...owners), template, replicas: fc.constantFrom(0, 1), done: fc.boolean() })
    .map(({ owner, template: made, replicas, done }) => ({
      metadata: { ...owner },
      spec: { replicas, template: made, jobTemplate: { spec: { template: made } } },
      status: { conditions: [{ type: 'Complete', status: done ? 'True' : 'False' }] },
    }));

const namespace = labels.map((own) => ({ metadata: { labels: own } }));
const node = fc
  .constantFrom('10.0.0.77', '10.0.1.1')
  .map((address) => ({ status: { addresses: [{ type: 'InternalIP', address }] } }));

type Part = { readonly metadata?: object } & Readonly<Record<string, unknown>>;

/** Every object that may be there, and what it may be like. */
const PLACES: readonly (readonly [apiVersion: string, kind: string, name: string, fc.Arbitrary<Part>])[] = [
  ['v1', 'Namespace', 'a', namespace],
  ['v1', 'Node', 'n0', node],
  ...['p0', 'p1', 'p2', 'p3'].map((name) => ['v1', 'Pod', name, pod] as const),
  ...['r0', 'r1'].map((name) => ['apps/v1', 'ReplicaSet', name, controller(OWNERS.replicaSet)] as const),
  ['apps/v1', 'Deployment', 'd0', controller([{}])],
  ['apps/v1', 'StatefulSet', 's0', controller([{}])],
  ['batch/v1', 'Job', 'j0', controller(OWNERS.job)],
  ['batch/v1', 'CronJob', 'c0', controller([{}])],
  ['argoproj.io/v1alpha1', 'Rollout', 'o0', controller(OWNERS.rollout)],
];

/** What may stand at a place: an object, or nothing. */
const contents = PLACES.map(([apiVersion, kind, name, parts]) =>
  fc.option(
    parts.map((part) => ({
      apiVersion,
      kind,
      ...part,
      metadata: { ...part.metadata, name, ...(kind === 'Namespace' || kind === 'Node' ? {} : { namespace: 'a' }) },
    })),
    { nil: undefined, freq: 3 },
  ),
);
type Content = KubernetesObject | undefined;

const change = fc
  .nat(PLACES.length - 1)
  .chain((place) => fc.tuple(fc.constant(place), contents[place] as fc.Arbitrary<Content>));

const drawn = fc.record({
  first: fc.tuple(...contents),
  policies: clusters.map((cluster) =>
    cluster.policies.map((policy) =>
      policy.kind === 'NetworkPolicy' ? { ...policy, metadata: { ...policy.metadata, namespace: 'a' } } : policy,
    ),
  ),
  steps: fc.array(fc.array(change, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 }),
  // Lists of pods are not always in the order in which pods came.
  backwards: fc.boolean(),
  profile: fc.constantFrom(...PROFILE_NAMES),
});

/** A cluster at several times, one after the other; what stays is the same object. */
export interface WorkloadHistory {
  readonly profile: ProfileName;
  readonly snapshots: readonly Snapshot[];
}

export const workloadHistories: fc.Arbitrary<WorkloadHistory> = drawn.map(
  ({ first, policies, steps, backwards, profile }) => {
    const resources = new Map<unknown, { readonly object: KubernetesObject }>();
    const resourceOf = (object: KubernetesObject): { readonly object: KubernetesObject } => {
      let known = resources.get(object);
      if (!known) resources.set(object, (known = { object }));
      return known;
    };
    const locate = (): undefined => undefined;
    const snapshotOf = (objects: readonly Content[]): Snapshot => {
      const there = [...objects, ...(policies as unknown as readonly KubernetesObject[])].flatMap((one) => one ?? []);
      return createSnapshot({
        source: { kind: 'files', description: 'test' },
        locate,
        resources: (backwards ? there.reverse() : there).map(resourceOf),
      });
    };
    let objects = first;
    const snapshots = [snapshotOf(objects)];
    for (const step of steps) {
      for (const [place, content] of step) objects = objects.with(place, content);
      snapshots.push(snapshotOf(objects));
    }
    return { profile, snapshots };
  },
);

/** The names of all that pods may belong to in such histories. */
export const WORKLOAD_NAMES = PLACES.map(([, , name]) => name)
  .concat('never')
  .map((name) => ({ namespace: 'a', name }));
