import type { NetworkWorkload, PeerQuery } from '../../analysis/network/index.ts';
import type { Because } from '../../model/because.ts';
import { refId } from '../../model/object.ts';
import type { Facts } from '../facts.ts';
import { selectWorkloads, type Selection } from '../select.ts';
import type { EndpointSpec, PortSpec } from '../schema/selection.ts';
import type { DestinationSpec } from '../schema/reach.ts';

/** One end of a connection a claim speaks of. */
export type Party =
  | { readonly kind: 'workload'; readonly workload: NetworkWorkload; readonly ports?: readonly PortSpec[] }
  | { readonly kind: 'outside'; readonly cidr?: string; readonly ports?: readonly PortSpec[] }
  | { readonly kind: 'nodes'; readonly ports?: readonly PortSpec[] };

/** The ends a claim means, each workload once. */
export function partiesOf(
  facts: Facts,
  given: EndpointSpec | DestinationSpec | readonly (EndpointSpec | DestinationSpec)[],
  home: string | undefined,
): Selection<Party> {
  const ends: readonly (EndpointSpec & Partial<DestinationSpec>)[] = Array.isArray(given) ? given : [given];
  const byId = new Map(
    facts.network.workloads.map((workload) => [refId({ ...workload.ref, namespace: workload.namespace }), workload]),
  );
  const found: Party[] = [];
  const open: Because[] = [];
  const seen = new Set<NetworkWorkload>();
  for (const end of ends) {
    const ports = end.ports === undefined ? {} : { ports: end.ports };
    if (end.internet) found.push({ kind: 'outside', ...ports });
    else if (end.cidr !== undefined) found.push({ kind: 'outside', cidr: end.cidr, ...ports });
    else if (end.nodes) found.push({ kind: 'nodes', ...ports });
    else {
      const selection = selectWorkloads(facts, end, home);
      open.push(...selection.open);
      for (const { ref } of selection.found) {
        const workload = byId.get(refId({ ...ref, namespace: ref.namespace ?? 'default' }));
        if (!workload || (seen.has(workload) && end.ports === undefined)) continue;
        seen.add(workload);
        found.push({ kind: 'workload', workload, ...ports });
      }
    }
  }
  return { found, open };
}

/** How the network engine is asked about a party. */
export function queryOf(party: Party): PeerQuery {
  switch (party.kind) {
    case 'workload': {
      const { namespace, ref } = party.workload;
      return { kind: 'workload', namespace, name: ref.name, workloadKind: ref.kind };
    }
    case 'outside':
      return party.cidr === undefined ? { kind: 'internet' } : { kind: 'cidr', cidr: party.cidr };
    case 'nodes':
      return { kind: 'internet' };
  }
}

/** A party as answers name it. */
export function describeParty(party: Party): string {
  switch (party.kind) {
    case 'workload':
      return `${party.workload.namespace}/${party.workload.ref.name}`;
    case 'outside':
      return party.cidr ?? 'the internet';
    case 'nodes':
      return 'the nodes';
  }
}
