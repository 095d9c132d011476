import { refOf, type KubernetesObject, type ObjectRef } from '../../../model/object.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import type { NetworkAnalysis, PeerQuery } from '../index.ts';
import { applyChanges, type Change } from '../lint/change.ts';
import { clusterDns } from '../lint/dns-pods.ts';
import { effectOn, type FixEffect } from '../lint/verify-fix.ts';
import { hasPort } from '../ports/ports.ts';
import { distinctFlows, formatFlow, type Flow, type FlowEnd } from './flow.ts';
import { labelsOfWorkload, policiesFor } from './policies.ts';

/** Policies for a set of flows, with what was found when they were tried. */
export interface Synthesis {
  readonly policies: readonly KubernetesObject[];
  /** NetworkPolicies of the namespaces that these take the place of: kept beside them, they would go on allowing. */
  readonly replaces: readonly ObjectRef[];
  readonly flows: readonly Flow[];
  readonly check: {
    /** Flows that are not certainly allowed with the policies in place, with the reason; empty when all are. */
    readonly unmet: readonly string[];
    /** Workloads that could not resolve names; empty when all can, or the DNS is not in what was read. */
    readonly withoutDns: readonly string[];
  } & Omit<FixEffect, 'verified'>;
  /** What a person should know: what was assumed or left out. */
  readonly notes: readonly string[];
}

/**
 * The least NetworkPolicies that allow these flows in these namespaces and nothing else but DNS. They are applied to a copy
 * of the snapshot in the place of the namespaces' own, and every flow is asked of it.
 */
export function synthesize(
  snapshot: Snapshot,
  analysis: NetworkAnalysis,
  wanted: readonly Flow[],
  namespaces: readonly string[],
): Synthesis {
  const notes: string[] = [];
  const usable = distinctFlows(wanted).filter((flow) => {
    const problem = [flow.from, flow.to].map((end) => cantBeSelected(end, snapshot)).find((says) => says !== undefined);
    if (problem !== undefined) notes.push(`${formatFlow(flow)} is left out: ${problem}`);
    return problem === undefined;
  });
  const dns = clusterDns({ snapshot, analysis });
  if (dns.pods.length === 0)
    notes.push(`the DNS was not read: its pods are taken to be ${dns.label.join('=')} in ${dns.namespace}`);
  const policies = policiesFor(usable, namespaces, dns, snapshot);
  const own = snapshot
    .list('NetworkPolicy.networking.k8s.io')
    .map(({ object }) => refOf(object))
    .filter(({ namespace }) => namespaces.includes(namespace ?? 'default'));
  const after = applyChanges(snapshot, [
    ...own.map((object): Change => ({ kind: 'delete', object })),
    ...policies.map((manifest): Change => ({ kind: 'create', manifest })),
  ]);
  // One of the same name is overwritten when these are applied.
  const made = new Set(policies.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
  const replaces = own.filter(({ namespace, name }) => !made.has(`${namespace}/${name}`));
  const now = analysis.update(after);
  return {
    policies,
    replaces,
    flows: usable,
    check: { unmet: unmet(usable, now), withoutDns: withoutDns(namespaces, dns, now), ...effectOn(analysis, now) },
    notes,
  };
}

/** Why policies can't name an end; undefined when they can. */
function cantBeSelected(end: FlowEnd, snapshot: Snapshot): string | undefined {
  if (end.kind !== 'workload') return undefined;
  if (end.workload.endpoints.every(({ hostNetwork }) => hostNetwork))
    return `${end.workload.id} is on the network of its node, where most implementations apply no policy`;
  return Object.keys(labelsOfWorkload(end.workload, snapshot)).length === 0
    ? `${end.workload.id} has no labels to select it by`
    : undefined;
}

function unmet(flows: readonly Flow[], analysis: NetworkAnalysis): readonly string[] {
  return flows.flatMap((flow) => {
    const ends = [flow.from, flow.to].map(queryOf);
    const [from, to] = ends;
    // A namespace without pods that were read has nobody to ask about; the rule stands as written.
    if (!from || !to || analysis.missing(from) || analysis.missing(to)) return [];
    const { verdict, everyPair, because } = analysis.query(from, to, flow);
    const all = verdict === 'allowed' && (flow.from.kind === 'anyone' || hasPort(everyPair, flow.protocol, flow.port));
    return all ? [] : [`${formatFlow(flow)} is ${verdict}: ${because[0]?.says ?? 'not for every pod'}`];
  });
}

function queryOf(end: FlowEnd): PeerQuery | undefined {
  switch (end.kind) {
    case 'workload': {
      const { ref, namespace } = end.workload;
      return { kind: 'workload', namespace, name: ref.name, workloadKind: ref.kind };
    }
    case 'namespace':
      return { kind: 'namespace', namespace: end.namespace };
    case 'block': {
      // Exceptions are not to be reached: one address that is in the block stands for it.
      const [address = ''] = end.cidr.split('/');
      return {
        kind: 'cidr',
        cidr: end.except.length === 0 ? end.cidr : address.includes(':') ? '2001:4860::1' : '8.8.8.8',
      };
    }
    case 'anyone':
      return { kind: 'internet' };
  }
}

function withoutDns(
  namespaces: readonly string[],
  dns: ReturnType<typeof clusterDns>,
  analysis: NetworkAnalysis,
): readonly string[] {
  const [server] = dns.pods;
  if (!server) return [];
  const { ref, namespace } = server.workload;
  const to: PeerQuery = { kind: 'workload', namespace, name: ref.name, workloadKind: ref.kind };
  return analysis.workloads
    .filter((workload) => namespaces.includes(workload.namespace) && !workload.endpoints.some((pod) => pod.hostNetwork))
    .filter((workload) => workload !== server.workload)
    .filter(({ namespace: home, ref: one }) => {
      const from: PeerQuery = { kind: 'workload', namespace: home, name: one.name, workloadKind: one.kind };
      return (['UDP', 'TCP'] as const).some(
        (protocol) => analysis.query(from, to, { port: dns.port, protocol }).verdict !== 'allowed',
      );
    })
    .map(({ id }) => id);
}
