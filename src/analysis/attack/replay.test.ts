import fc from 'fast-check';
import { expect, test } from 'vitest';
import { refOf, type KubernetesObject } from '../../model/object.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { controllerOf } from '../../model/workloads.ts';
import { analyseAccess } from '../access/index.ts';
import { decideAdmission } from '../admission/pod-security/decide.ts';
import { analyseNetwork, type NetworkAnalysis } from '../network/index.ts';
import type { PodUnit } from './facts/pod-units.ts';
import { openScenes } from './graph/scenes.ts';
import { formatNode, parseNode, type AttackNode } from './nodes.ts';
import { findPath } from './paths/paths.ts';
import { checksOf, hopId, type LiveCheck } from './prove/checks.ts';
import { textCases } from './testing/cases.ts';
import { cluster, snapshotOf } from './testing/clusters.ts';

/*
 * Every path replays hop by hop through the engines it joins: each right through the access analysis as an access review would
 * ask it, each connection through the network analysis, each new pod through Pod Security, given whole.
 */

/** Answers looks at a cluster by the analyses of its snapshot. */
function replayer(snapshot: Snapshot): (check: LiveCheck) => boolean | undefined {
  const access = analyseAccess(snapshot);
  const network = analyseNetwork(snapshot, { profile: 'kubernetes' });
  return (check) => {
    switch (check.kind) {
      case 'review': {
        const { as, kind: _, ...request } = check;
        return access.decide(as, { kind: 'resource', ...request }).allowed === true;
      }
      case 'connect': {
        const { from, to, port } = check;
        if (to === 'api') return reachesSomeApi(network, snapshot, from);
        const there = to === 'metadata' ? ({ kind: 'cidr', cidr: '169.254.169.254/32' } as const) : peerOf(network, to);
        return network.query(peerOf(network, from), there, { port }).verdict === 'allowed';
      }
      case 'admission': {
        const labels = snapshot.get('Namespace', undefined, check.namespace)?.object.metadata.labels ?? {};
        return decideAdmission(pod(check), labels).decision === 'allowed';
      }
      case 'outside': {
        const { namespace, name } = check.service;
        return network
          .exposures()
          .some(({ by, verdict }) => by.namespace === namespace && by.name === name && verdict === 'allowed');
      }
      default:
        return undefined;
    }
  };
}

/** The API server at one of its addresses; where none is known, at any. */
function reachesSomeApi(network: NetworkAnalysis, snapshot: Snapshot, from: PodUnit): boolean {
  const given = snapshot.get('Endpoints', 'default', 'kubernetes')?.object;
  const addresses = JSON.stringify(given ?? {}).match(/\d+\.\d+\.\d+\.\d+/g) ?? ['0.0.0.0'];
  const asked = addresses.map(
    (address) => ({ kind: 'cidr', cidr: `${address}/${address === '0.0.0.0' ? 0 : 32}` }) as const,
  );
  return asked.some((cidr) =>
    [443, 6443].some((port) => network.query(peerOf(network, from), cidr, { port }).verdict !== 'denied'),
  );
}

function peerOf(network: NetworkAnalysis, { ref, namespace, workload }: PodUnit) {
  const pods = workload.pods.flatMap(({ object }) => [controllerOf(object), refOf(object)]);
  const found = pods.find(
    (one) =>
      one &&
      network.workloads.some(
        ({ ref: known }) => known.kind === one.kind && known.name === one.name && known.namespace === namespace,
      ),
  );
  const isKnown = network.workloads.some(({ ref: known }) => known.kind === ref.kind && known.name === ref.name);
  const { kind, name } = (isKnown ? ref : found) ?? ref;
  return { kind: 'workload', namespace, name, workloadKind: kind } as const;
}

/** The pod such a hop creates, spelled out. */
function pod({ namespace, privileged }: Extract<LiveCheck, { readonly kind: 'admission' }>): KubernetesObject {
  const securityContext = privileged
    ? { privileged: true }
    : {
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      };
  const spec = { ...(privileged ? { hostPID: true } : {}), containers: [{ name: 'c', image: 'i', securityContext }] };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'replayed', namespace }, spec };
}

/** Says of a pair what no engine confirms of the path between them, and which kinds of premise were asked. */
function replays(snapshot: Snapshot) {
  const scenes = openScenes(snapshot);
  const confirms = replayer(snapshot);
  return (from: AttackNode, to: AttackNode) => {
    const { graph, world } = scenes.sceneFor(from, to);
    const { goal, hops } = findPath(graph, world, from, to);
    const checks = (goal.reachable === true ? hops : []).flatMap((hop) =>
      checksOf(hop, world).map((check) => ({ hop, check, confirmed: confirms(check) })),
    );
    return {
      asked: checks.flatMap(({ check, confirmed }) => (confirmed === undefined ? [] : [check.kind])),
      wrong: checks.flatMap(({ hop, check, confirmed }) =>
        confirmed === false ? [`${formatNode(from)} -> ${formatNode(to)}: ${check.kind} of ${hopId(hop)}`] : [],
      ),
    };
  };
}

test('every path of the text cases replays through the access, network and admission engines', async () => {
  const asked = new Set<string>();
  const wrong: string[] = [];
  for await (const { snapshot, pairs } of textCases()) {
    const replay = replays(snapshot);
    for (const { from, to, verdict } of pairs) {
      if (verdict !== 'yes') continue;
      const found = replay(from, to);
      for (const kind of found.asked) asked.add(kind);
      wrong.push(...found.wrong);
    }
  }
  expect(wrong).toEqual([]);
  expect([...asked].sort()).toEqual(['admission', 'connect', 'outside', 'review']);
});

test('every path of random clusters does', () => {
  const goals = ['ClusterAdmin', 'Root', 'Token:b/strong', 'NamespaceAdmin:b', 'Secret:a/s'].map(parseNode);
  fc.assert(
    fc.property(cluster, (whole) => {
      const replay = replays(snapshotOf(whole));
      for (const from of ['Token:a/default', 'Token:b/strong', 'Shell:a/p0'].map(parseNode))
        for (const to of goals) expect(replay(from, to).wrong).toEqual([]);
    }),
    { numRuns: 60 },
  );
});
