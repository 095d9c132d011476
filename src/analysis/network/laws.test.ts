import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KubernetesObject } from '../../model/object.ts';
import { createSnapshot } from '../../model/snapshot.ts';
import { analyseNetwork, PROFILE_NAMES, type Peer, type PeerQuery } from './index.ts';
import { parseIp } from './addresses/ip.ts';
import { formatPeer, listed } from './answers/report.ts';
import { formatPorts, isEmpty, parsePorts, subtractPorts, unionPorts, type PortSet } from './ports/ports.ts';
import { clusters, OUTSIDE, snapshotOf } from './testing/clusters.ts';
import { extendedClusters } from './testing/extension-clusters.ts';
import type { Cluster, Manifest } from './testing/packet.ts';

/** Laws that hold for every cluster, whatever its policies say. */

const anyCluster = fc.oneof(clusters, extendedClusters);

const lines = (cluster: Cluster): readonly string[] =>
  listed(analyseNetwork(snapshotOf(cluster)).connections()).map(({ from, to, ports }) => `${from} => ${to} : ${ports}`);

test('the order of the input does not matter', () => {
  fc.assert(
    fc.property(anyCluster, (cluster) => {
      const turned = {
        namespaces: [...cluster.namespaces].reverse(),
        pods: [...cluster.pods].reverse(),
        policies: [...cluster.policies].reverse(),
      };
      expect(lines(turned)).toEqual(lines(cluster));
    }),
    { numRuns: 60 },
  );
});

test('names of pods do not matter', () => {
  fc.assert(
    fc.property(anyCluster, (cluster) => {
      const renamed = {
        ...cluster,
        pods: cluster.pods.map((pod) => ({ ...pod, metadata: { ...pod.metadata, name: `x${pod.metadata.name}` } })),
      };
      const expected = lines(cluster).map((line) => line.replaceAll(/\/p(\d)\[/g, '/xp$1['));
      expect([...lines(renamed)].sort()).toEqual([...expected].sort());
    }),
    { numRuns: 60 },
  );
});

test('one more rule that allows never closes anything, and a policy that is not read never opens anything', () => {
  const everyone: Manifest = { ingress: [{}], egress: [{}] };
  fc.assert(
    fc.property(clusters, fc.nat(3), (cluster, chosen) => {
      const own = cluster.policies.filter(({ kind }) => kind === 'NetworkPolicy');
      const policy = own[chosen % Math.max(1, own.length)];
      if (!policy) return;
      const wider = {
        ...cluster,
        policies: cluster.policies.map((each) =>
          each === policy
            ? {
                ...each,
                spec: {
                  ...each.spec,
                  policyTypes: each.spec.policyTypes?.length > 0 ? each.spec.policyTypes : typesOf(each),
                  ingress: [...(each.spec.ingress ?? []), ...everyone['ingress']],
                  egress: [...(each.spec.egress ?? []), ...everyone['egress']],
                },
              }
            : each,
        ),
      };
      const [before, after] = [byPair(cluster), byPair(wider)];
      for (const [pair, ports] of before) expect(isEmpty(subtractPorts(ports, after.get(pair) ?? {}))).toBe(true);

      const snapshot = snapshotOf(cluster);
      const hidden = createSnapshot({
        source: snapshot.source,
        resources: [...cluster.namespaces, ...cluster.pods, ...cluster.policies.filter((each) => each !== policy)].map(
          (object) => ({ object: object as KubernetesObject }),
        ),
        gaps: [
          {
            kind: 'NetworkPolicy.networking.k8s.io',
            namespace: policy.metadata.namespace,
            reason: 'forbidden',
            detail: 'NetworkPolicies could not be listed',
            remedy: 'Grant list.',
          },
        ],
      });
      for (const { from, to, ports } of analyseNetwork(hidden).connections()) {
        if (from.kind !== 'workload' || to.kind !== 'workload') continue;
        const known = before.get(`${formatPeer(from)} ${formatPeer(to)}`) ?? {};
        expect(formatPorts(subtractPorts(ports, known))).toBe('No Connections');
      }
    }),
    { numRuns: 60 },
  );
});

/** The pods of a cluster, some of them on the host's network of one of two nodes. */
const onHosts = (cluster: Cluster, hosts: number): Cluster => ({
  ...cluster,
  pods: cluster.pods.map((pod, i) => ({
    ...pod,
    spec: { ...pod.spec, nodeName: `node${i % 2}`, ...((hosts >> i) & 1 ? { hostNetwork: true } : {}) },
    status: { ...pod.status, hostIP: `192.168.0.${i % 2}` },
  })),
});

test('groups say what the list says, and the list what questions say, also of pods on the network of their host', () => {
  fc.assert(
    fc.property(anyCluster, fc.nat(31), fc.constantFrom(...PROFILE_NAMES), (drawn, hosts, profile) => {
      const cluster = onHosts(drawn, hosts);
      const analysis = analyseNetwork(snapshotOf(cluster), { profile });
      const [list, groups] = [analysis.connections(), analysis.groups()];
      expect([...analysis.connectionParts()].flat()).toEqual(list);
      const peers: readonly PeerQuery[] = [
        ...analysis.workloads.map(({ namespace, ref: { name } }): PeerQuery => ({ kind: 'workload', namespace, name })),
        ...OUTSIDE.map((cidr): PeerQuery => ({ kind: 'cidr', cidr })),
      ];
      const listedFor = (from: PeerQuery, to: PeerQuery): PortSet =>
        sumOf(list.filter((one) => isPeer(one.from, from) && isPeer(one.to, to)));
      for (const from of peers)
        for (const to of peers) {
          if (from === to || (from.kind === 'cidr' && to.kind === 'cidr')) continue;
          const found = groups.filter(
            (group) => group.from.some((peer) => isPeer(peer, from)) && group.to.some((peer) => isPeer(peer, to)),
          );
          const said = [sumOf(found), listedFor(from, to), analysis.query(from, to).ports].map(formatPorts);
          expect([from, to, ...said]).toEqual([from, to, said[2], said[2], said[2]]);
        }
    }),
    { numRuns: 60 },
  );
});

test('what the source is denied stays closed where the destination names it, and the other way round', () => {
  const pod = (name: string, namespace: string): Manifest => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace },
    spec: { containers: [] },
    status: { podIPs: [{ ip: '10.0.0.1' }] },
  });
  const inside = (name: string): Manifest => ({ matchLabels: { 'kubernetes.io/metadata.name': name } });
  const tier = (from: string, direction: 'ingress' | 'egress', other: string): Manifest => ({
    apiVersion: 'policy.networking.k8s.io/v1alpha2',
    kind: 'ClusterNetworkPolicy',
    metadata: { name: direction },
    spec: {
      tier: 'Admin',
      priority: 1,
      subject: { namespaces: inside(from) },
      [direction]: [{ action: 'Deny', [direction === 'ingress' ? 'from' : 'to']: [{ namespaces: inside(other) }] }],
    },
  });
  const named = (namespace: string, direction: 'ingress' | 'egress', other: string): Manifest => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'named', namespace },
    spec: {
      podSelector: {},
      policyTypes: [direction === 'ingress' ? 'Ingress' : 'Egress'],
      [direction]: [{ [direction === 'ingress' ? 'from' : 'to']: [{ namespaceSelector: inside(other) }] }],
    },
  });
  const pods = [
    pod('p0', 'a'),
    pod('p1', 'a'),
    pod('p2', 'a'),
    pod('p3', 'b'),
    pod('p4', 'c'),
    pod('p5', 'c'),
    pod('p6', 'c'),
  ];
  const crossing = (policies: readonly Manifest[]): readonly string[] =>
    lines({ namespaces: [], pods, policies: [...policies] }).filter((line) => /^a\/.* => b\//.test(line));
  expect(crossing([named('b', 'ingress', 'a')]).length).toBe(3);
  expect(crossing([named('b', 'ingress', 'a'), tier('a', 'egress', 'b')])).toEqual([]);
  expect(crossing([named('a', 'egress', 'b')]).length).toBe(3);
  expect(crossing([named('a', 'egress', 'b'), tier('b', 'ingress', 'a')])).toEqual([]);
});

function sumOf(found: readonly { readonly ports: PortSet }[]): PortSet {
  return found.reduce<PortSet>((sum, { ports }) => unionPorts(sum, ports), {});
}

/** Whether a peer of a list is the one a question names, or a range that holds its address. */
function isPeer(peer: Peer, query: PeerQuery): boolean {
  if (query.kind === 'workload')
    return peer.kind === 'workload' && peer.ref.namespace === query.namespace && peer.ref.name === query.name;
  if (query.kind !== 'cidr' || peer.kind !== 'range') return false;
  const [from, to, value] = [parseIp(peer.from), parseIp(peer.to), parseIp(query.cidr)];
  if (from === undefined || to === undefined || value === undefined || typeof from !== typeof value) return false;
  return from <= value && value <= to;
}

function byPair(cluster: Cluster): ReadonlyMap<string, PortSet> {
  const listedNow = listed(analyseNetwork(snapshotOf(cluster)).connections()).filter(
    ({ from, to }) => from.includes('[') && to.includes('['),
  );
  return new Map(listedNow.map(({ from, to, ports }) => [`${from} ${to}`, parsePorts(ports)]));
}

function typesOf(policy: Manifest): readonly string[] {
  return (policy.spec.egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
}
