import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { analyseNetwork, type Connection, type Peer } from '../index.ts';
import { parseIp, type IpValue } from '../addresses/ip.ts';
import { formatPorts, NO_PORTS } from '../ports/ports.ts';
import { formatPeer } from '../answers/report.ts';
import { snapshotOfYaml } from '../../../testing/snapshot-of-yaml.ts';
import { clusters, OUTSIDE, snapshotOf } from '../testing/clusters.ts';
import type { Cluster } from '../testing/packet.ts';
import { changedEdges } from './diff.ts';

/** Two states: what is in the first, with some policies and pods as another cluster has them. */
const states = fc
  .record({ first: clusters, other: clusters, policies: fc.boolean(), pods: fc.nat(2) })
  .map(({ first, other, policies, pods }): readonly [Cluster, Cluster] => [
    first,
    {
      ...first,
      policies: policies ? other.policies : first.policies.slice(1),
      pods: [...first.pods.slice(pods), ...other.pods.slice(0, pods)],
    },
  ]);

/** Whom a line of a list means: a workload by name, an address by being in the range. */
function means(peer: Peer, wanted: string): boolean {
  if (peer.kind !== 'range') return formatPeer(peer) === wanted;
  const value = parseIp(wanted);
  const [from, to] = [parseIp(peer.from), parseIp(peer.to)];
  const within = (a: IpValue, b: IpValue): boolean =>
    value !== undefined && typeof a === typeof value && a <= value && value <= b;
  return from !== undefined && to !== undefined && within(from, to);
}

const find = (list: readonly Connection[], from: string, to: string): string =>
  formatPorts(list.find((one) => means(one.from, from) && means(one.to, to))?.ports ?? NO_PORTS);

test('the edges that changed are those whose ports the two lists tell differently', () => {
  fc.assert(
    fc.property(states, ([before, after]) => {
      const [old, now] = [before, after].map((cluster) => analyseNetwork(snapshotOf(cluster)));
      const [was, is] = [old!.connections(), now!.connections()];
      const edges = changedEdges(old!, now!);
      const names = new Set([...old!.workloads, ...now!.workloads].map(({ id }) => id));
      const bounds = [...was, ...is].flatMap(({ from, to }) =>
        [from, to].flatMap((peer) => (peer.kind === 'range' ? [peer.from, peer.to] : [])),
      );
      const addresses = new Set([...bounds, ...OUTSIDE]);
      const pairs = [...names].flatMap((name) => [
        ...[...names].map((other) => [name, other] as const),
        ...[...addresses].flatMap((address) => [[name, address] as const, [address, name] as const]),
      ]);
      for (const [from, to] of pairs) {
        const edge = edges.find((one) => means(one.from, from) && means(one.to, to));
        const [a, b] = [find(was, from, to), find(is, from, to)];
        expect([from, to, ...(edge ? [formatPorts(edge.was), formatPorts(edge.is)] : [a, a])]).toEqual([
          from,
          to,
          a,
          b,
        ]);
      }
      const keys = edges.map(({ from, to }) => `${formatPeer(from)} ${formatPeer(to)}`);
      expect(new Set(keys).size).toBe(keys.length);
    }),
    { numRuns: 60 },
  );
});

test('nothing changed between a state and itself', () => {
  fc.assert(
    fc.property(clusters, (cluster) => {
      const turned = { ...cluster, pods: [...cluster.pods].reverse(), policies: [...cluster.policies].reverse() };
      expect(changedEdges(analyseNetwork(snapshotOf(cluster)), analyseNetwork(snapshotOf(turned)))).toEqual([]);
    }),
    { numRuns: 40 },
  );
});

test('addresses are cut at the bounds of both states, to the last address', () => {
  const state = (...blocks: readonly (readonly [cidr: string, port: number])[]) =>
    analyseNetwork(
      snapshotOfYaml(`apiVersion: v1
kind: Pod
metadata: { name: db, namespace: shop }
spec: { containers: [{ name: main }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: db, namespace: shop }
spec:
  podSelector: {}
  ingress: [${blocks.map(([cidr, port]) => `{ from: [{ ipBlock: { cidr: ${cidr} } }], ports: [{ port: ${port} }] }`).join()}]
`),
    );
  const edges = changedEdges(state(['10.0.0.0/24', 80]), state(['10.0.0.0/24', 80], ['10.0.0.255/32', 443]));
  expect(edges.map(({ from, was, is }) => [formatPeer(from), formatPorts(was), formatPorts(is)])).toEqual([
    ['10.0.0.255-10.0.0.255', 'TCP 80', 'TCP 80,443'],
  ]);
});
