import { formatRef, refOf, type KubernetesObject } from '../../../model/object.ts';
import type { Arc, AttackGraph } from '../graph/graph.ts';
import type { PodUnit } from '../facts/pod-units.ts';
import type { World } from '../world/world.ts';

/** Labels that name an application: which of its pods' labels a policy should go by. */
const NAMING = ['app.kubernetes.io/name', 'app.kubernetes.io/instance', 'app', 'k8s-app', 'name', 'component'];

/** A policy that would keep one application from another, and what it does. */
export interface NewPolicy {
  readonly policy: KubernetesObject;
  readonly says: string;
}

/**
 * NetworkPolicies that let every pod but those a connection comes from reach the pods it goes to. None where outsiders are let in
 * there, since policies can't tell them from pods by address, and none for pods on the network of their node.
 */
export function policiesAgainst(arc: Arc, graph: AttackGraph, world: World): readonly NewPolicy[] {
  const exposed = new Set(world.network.exposed().map(({ unit }) => unit));
  return world.pods.at(graph.nodeOf(arc.from)).flatMap((source) =>
    world.pods.at(graph.nodeOf(arc.to)).flatMap((target) => {
      const key = NAMING.find((label) => labelsOf(source)[label] !== undefined);
      if (key === undefined || exposed.has(target) || [source, target].some(isOnHost)) return [];
      if (Object.keys(labelsOf(target)).length === 0) return [];
      return [keepOut(source, target, key)];
    }),
  );
}

function keepOut(source: PodUnit, target: PodUnit, key: string): NewPolicy {
  const value = labelsOf(source)[key] ?? '';
  const others = { matchExpressions: [{ key, operator: 'NotIn', values: [value] }] };
  const policy: KubernetesObject = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: `${target.name}-not-from-${source.name}`.slice(0, 253), namespace: target.namespace },
    spec: {
      podSelector: { matchLabels: labelsOf(target) },
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ namespaceSelector: {}, podSelector: others }] }],
    },
  };
  return {
    policy,
    says: `make ${formatRef(refOf(policy))}: all pods but those with ${key}=${value} reach ${formatRef(target.ref)}`,
  };
}

function labelsOf({ workload }: PodUnit): Readonly<Record<string, string>> {
  return workload.template.labels;
}

function isOnHost({ spec }: PodUnit): boolean {
  return spec['hostNetwork'] === true;
}
