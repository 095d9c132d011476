import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KubernetesObject } from '../../model/object.ts';
import { createSnapshot } from '../../model/snapshot.ts';
import { analyseNetwork } from './index.ts';
import { formatPeer, listed } from './report.ts';
import { formatPorts, isEmpty, parsePorts, subtractPorts, unionPorts, type PortSet } from './ports.ts';
import { clusters, snapshotOf } from './testing/clusters.ts';
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

test('groups and parts say what the list says', () => {
  fc.assert(
    fc.property(anyCluster, (cluster) => {
      const analysis = analyseNetwork(snapshotOf(cluster));
      const unfolded = new Map<string, PortSet>();
      for (const { from, to, ports } of analysis.groups())
        for (const source of from)
          for (const destination of to) {
            const pair = `${formatPeer(source)} ${formatPeer(destination)}`;
            if (source !== destination) unfolded.set(pair, unionPorts(unfolded.get(pair) ?? {}, ports));
          }
      const expected = analysis
        .connections()
        .map(({ from, to, ports }) => `${formatPeer(from)} ${formatPeer(to)} ${formatPorts(ports)}`);
      expect([...unfolded].map(([pair, ports]) => `${pair} ${formatPorts(ports)}`).sort()).toEqual(expected.sort());
      expect([...analysis.connectionParts()].flat().length).toBe(expected.length);
    }),
    { numRuns: 60 },
  );
});

function byPair(cluster: Cluster): ReadonlyMap<string, PortSet> {
  const listedNow = listed(analyseNetwork(snapshotOf(cluster)).connections()).filter(
    ({ from, to }) => from.includes('[') && to.includes('['),
  );
  return new Map(listedNow.map(({ from, to, ports }) => [`${from} ${to}`, parsePorts(ports)]));
}

function typesOf(policy: Manifest): readonly string[] {
  return (policy.spec.egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
}
