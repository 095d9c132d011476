import fc from 'fast-check';
import { expect, test } from 'vitest';
import { at, list } from '../../model/json.ts';
import { refId, refOf, type KubernetesObject } from '../../model/object.ts';
import { contentsOf, createSnapshot, type Snapshot } from '../../model/snapshot.ts';
import type { Arc } from './graph/graph.ts';
import type { OneChange } from './after/one-change.ts';
import { formatNode, parseNode } from './nodes.ts';
import { openScenes, scenesAfter, type Scenes } from './graph/scenes.ts';
import { cluster, NAMESPACES, snapshotOf } from './testing/clusters.ts';

const STARTS = ['Internet', 'Root', 'Token:a/default', 'Identity:u', 'Identity:system:anonymous']
  .concat(NAMESPACES.flatMap((namespace) => [0, 1, 2, 3].map((index) => `Shell:${namespace}/p${index}`)))
  .map(parseNode);

/** Every hop that leads on from some place, as it is written. */
function hopsOf(scenes: Scenes): readonly string[] {
  const { graph } = scenes.sceneFor();
  const seen = new Set<number>();
  const written: string[] = [];
  const ahead = STARTS.map((start) => graph.idOf(start));
  const write = ({ edge, from, to, and, needs, open }: Arc): string =>
    [
      `${edge.id} ${[from, ...and].map((id) => formatNode(graph.nodeOf(id))).join(' + ')}`,
      `> ${formatNode(graph.nodeOf(to))}`,
      ...needs.map((id) => refId(graph.objectOf(id))).sort(),
      open ?? '',
    ].join(' ');
  for (let id = ahead.pop(); id !== undefined; id = ahead.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    for (const arc of graph.arcsFrom(id)) {
      written.push(write(arc));
      ahead.push(arc.to, ...arc.and);
    }
  }
  return [...new Set(written)].sort();
}

const policy = fc.record({
  namespace: fc.constantFrom(...NAMESPACES),
  app: fc.constantFrom('p0', 'p1', undefined),
  type: fc.constantFrom('Ingress', 'Egress'),
});
const extras = fc.record({
  policies: fc.array(policy, { maxLength: 2 }),
  published: fc.constantFrom('p0', 'p1'),
  holed: fc.boolean(),
  nodes: fc.subarray(['n1', 'n2']),
  bound: fc.constantFrom('n1', 'n2', 'n3', undefined),
  maker: fc.constantFrom('Pod', 'Deployment', 'StatefulSet'),
  replicas: fc.nat(2),
  accounts: fc.array(
    fc.record({
      namespace: fc.constantFrom(...NAMESPACES),
      name: fc.constantFrom('default', 'strong', 'cloud'),
      automount: fc.constantFrom(undefined, true, false),
      role: fc.boolean(),
    }),
    { maxLength: 3 },
  ),
  secrets: fc.array(
    fc.record({
      namespace: fc.constantFrom(...NAMESPACES),
      name: fc.constantFrom('s', 'item'),
      account: fc.constantFrom('default', 'strong', undefined),
    }),
    { maxLength: 2 },
  ),
  service: fc.constantFrom('ClusterIP', 'LoadBalancer', undefined),
  declared: fc.boolean(),
  written: fc.constantFrom(undefined, 'default', 'strong'),
  aggregated: fc.record({
    filled: fc.boolean(),
    to: fc.constantFrom('view', 'other'),
    verbs: fc.constantFrom(['get'], ['create'], ['*']),
    through: fc.boolean(),
  }),
});
type Extras = typeof extras extends fc.Arbitrary<infer T> ? T : never;

/** A token in plain text of a service account. */
function tokenFor(account: string): string {
  const part = (value: object): string => btoa(JSON.stringify(value)).replaceAll('=', '');
  return [part({ alg: 'none' }), part({ sub: `system:serviceaccount:a:${account}` }), 'c2ln'].join('.');
}

/** Objects of the kinds of which one can change alone. */
function othersOf({ accounts, secrets, written, aggregated }: Extras): readonly KubernetesObject[] {
  const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1' };
  const labels = (to: string): object => ({ labels: { [`aggregate-to-${to}`]: 'true' } });
  const filledFrom = (to: string): object => ({
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [`aggregate-to-${to}`]: 'true' } }] },
  });
  const own = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }];
  return [
    ...accounts.map(({ namespace, name, automount, role }) => ({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name, namespace, ...(role ? { annotations: { 'eks.amazonaws.com/role-arn': 'arn' } } : {}) },
      ...(automount === undefined ? {} : { automountServiceAccountToken: automount }),
    })),
    ...secrets.map(({ namespace, name, account }) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name,
        namespace,
        ...(account === undefined ? {} : { annotations: { 'kubernetes.io/service-account.name': account } }),
      },
      type: account === undefined ? 'Opaque' : 'kubernetes.io/service-account-token',
    })),
    ...(written === undefined
      ? []
      : [
          {
            apiVersion: 'v1',
            kind: 'ConfigMap',
            metadata: { name: 'm', namespace: 'a' },
            data: { t: tokenFor(written) },
          },
        ]),
    {
      ...rbac,
      kind: 'ClusterRole',
      metadata: { name: 'whole', ...(aggregated.through ? labels('all') : {}) },
      ...filledFrom('view'),
      ...(aggregated.filled ? { rules: own } : {}),
    },
    { ...rbac, kind: 'ClusterRole', metadata: { name: 'more' }, ...filledFrom('all') },
    {
      ...rbac,
      kind: 'ClusterRole',
      metadata: { name: 'part', ...labels(aggregated.to) },
      rules: [{ apiGroups: ['*'], resources: ['*'], verbs: aggregated.verbs }],
    },
    ...['whole', 'more'].map((role) => ({
      ...rbac,
      kind: 'RoleBinding',
      metadata: { name: role, namespace: 'a' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
      subjects: [{ kind: 'ServiceAccount', name: role === 'whole' ? 'default' : 'strong', namespace: 'a' }],
    })),
  ];
}

/** The objects of a generated cluster, with a network, nodes, a way in and a hole. */
function objectsOf(snapshot: Snapshot, extra: Extras) {
  const { policies, published, holed, nodes, bound, maker, replicas, service, declared } = extra;
  const own = contentsOf(snapshot).resources.map(({ object }) => {
    if (object.kind !== 'Pod') return object;
    const { metadata } = object;
    const spec = { ...(object['spec'] as object), ...(bound === undefined ? {} : { nodeName: bound }) };
    const [container] = list(at(spec, 'containers'));
    const containers = [{ ...(container as object), ...(declared ? { ports: [{ containerPort: 80 }] } : {}) }];
    const labels = { app: metadata.name };
    if (maker === 'Pod') return { ...object, metadata: { ...metadata, labels }, spec: { ...spec, containers } };
    const template = { metadata: { labels }, spec: { ...spec, containers } };
    const made = { replicas, selector: { matchLabels: labels }, template };
    return { apiVersion: 'apps/v1', kind: maker, metadata, spec: made };
  });
  const more: KubernetesObject[] = [
    ...policies.map(({ namespace, app, type }, index) => ({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: `n${index}`, namespace },
      spec: { podSelector: app === undefined ? {} : { matchLabels: { app } }, policyTypes: [type] },
    })),
    ...nodes.map((name) => ({ apiVersion: 'v1', kind: 'Node', metadata: { name } })),
    ...(service === undefined ? [] : NAMESPACES).map((namespace) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 's', namespace },
      spec: { type: service, selector: { app: published }, ports: [{ port: 80 }] },
    })),
    ...othersOf(extra),
  ];
  const vulnerability = {
    vulnerabilityID: 'CVE-1',
    severity: 'CRITICAL',
    cvss: { nvd: { V3Vector: 'AV:N/PR:N/UI:N' } },
  };
  const report = {
    apiVersion: 'aquasecurity.github.io/v1alpha1',
    kind: 'VulnerabilityReport',
    metadata: { name: 'i', namespace: 'a' },
    report: { artifact: { repository: 'i' }, vulnerabilities: [vulnerability] },
  };
  return new Map([...own, ...more, ...(holed ? [report] : [])].map((object) => [refId(refOf(object)), object]));
}

test('after every change the hops are those that are found anew', () => {
  fc.assert(
    fc.property(cluster, cluster, extras, extras, (first, second, with1, with2) => {
      const objects = objectsOf(snapshotOf(first), with1);
      const wanted = objectsOf(snapshotOf(second), with2);
      const read = (): Snapshot =>
        createSnapshot({
          source: { kind: 'cluster', description: 'generated' },
          resources: [...objects.values()].map((object) => ({ object })),
        });
      let scenes = openScenes(read());
      let turn = 0;
      for (const key of new Set([...objects.keys(), ...wanted.keys()])) {
        const before = objects.get(key);
        const after = wanted.get(key);
        const change: OneChange = { ...(before ? { before } : {}), ...(after ? { after } : {}) };
        // Sometimes several changes come before anybody asks again.
        if (turn++ % 3 > 0) hopsOf(scenes);
        scenes = scenesAfter(scenes, change);
        if (after) objects.set(key, after);
        else objects.delete(key);
        if (turn % 2 === 0) expect(hopsOf(scenes)).toEqual(hopsOf(openScenes(read())));
      }
      expect(hopsOf(scenes)).toEqual(hopsOf(openScenes(read())));
    }),
    { numRuns: 15 },
  );
});

test('changes of many grants at once are as one after the other', () => {
  fc.assert(
    fc.property(cluster, cluster, (first, second) => {
      const grants = (from: typeof first) =>
        contentsOf(snapshotOf({ ...first, grants: from.grants })).resources.map(({ object }) => object);
      const before = new Map(grants(first).map((object) => [refId(refOf(object)), object]));
      const after = new Map(grants(second).map((object) => [refId(refOf(object)), object]));
      const changes = [...new Set([...before.keys(), ...after.keys()])]
        .filter((id) => before.get(id)?.apiVersion.startsWith('rbac.') ?? after.get(id)?.apiVersion.startsWith('rbac.'))
        .map((id): OneChange => {
          const [was, is] = [before.get(id), after.get(id)];
          return { ...(was ? { before: was } : {}), ...(is ? { after: is } : {}) };
        });
      const scenes = openScenes(snapshotOf(first));
      hopsOf(scenes);
      const anew = openScenes(snapshotOf({ ...first, grants: second.grants }));
      expect(hopsOf(scenesAfter(scenes, ...changes))).toEqual(hopsOf(anew));
    }),
    { numRuns: 40 },
  );
});
