import { refId, type ObjectRef } from '../../../model/object.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import { changedEdges } from '../diff/diff.ts';
import { formatPorts, type NetworkAnalysis, type Peer } from '../index.ts';
import { applyChanges } from '../lint/change.ts';
import { isEmpty, subtractPorts } from '../ports/ports.ts';
import { compare, formatPeer } from '../answers/report.ts';
import { formatEnd, type Flow } from '../synthesize/flow.ts';
import { requiredFlows } from '../synthesize/required-flows.ts';

/** A connection that would be won or lost. */
export interface AffectedConnection {
  readonly from: string;
  readonly to: string;
  readonly ports: string;
}

/** What hangs on one policy: what is closed only by it, and what is open only by it. */
export interface PolicyDependents {
  /** Connections that deleting the policy would open. */
  readonly holdsClosed: readonly AffectedConnection[];
  /** Connections that deleting the policy would close. */
  readonly holdsOpen: readonly AffectedConnection[];
}

/** Takes a policy away and compares every connection. */
export function dependentsOf(snapshot: Snapshot, analysis: NetworkAnalysis, policy: ObjectRef): PolicyDependents {
  const without = analysis.update(applyChanges(snapshot, [{ kind: 'delete', object: policy }]));
  const edges = changedEdges(analysis, without);
  const affected = (more: 'is' | 'was', less: 'is' | 'was'): readonly AffectedConnection[] =>
    edges.flatMap((edge) => {
      const ports = subtractPorts(edge[more], edge[less]);
      return isEmpty(ports)
        ? []
        : [{ from: formatPeer(edge.from), to: formatPeer(edge.to), ports: formatPorts(ports) }];
    });
  return { holdsClosed: affected('is', 'was'), holdsOpen: affected('was', 'is') };
}

/** A connection that crosses the border of a namespace, with the reason why somebody needs it, where one is known. */
export interface CrossingConnection extends AffectedConnection {
  readonly needed?: string;
}

/** Everything that would break if nothing came into a namespace or went out of it any more; what is needed first. */
export function crossing(
  snapshot: Snapshot,
  analysis: NetworkAnalysis,
  namespace: string,
): readonly CrossingConnection[] {
  const inside = (peer: Peer): boolean => peer.kind === 'workload' && (peer.ref.namespace ?? 'default') === namespace;
  const connections = [
    ...analysis.connections({ from: inside, to: (peer) => !inside(peer) }),
    ...analysis.connections({ from: (peer) => !inside(peer), to: inside }),
  ];
  const needs = Map.groupBy(requiredFlows(snapshot, analysis), needKey);
  const found = connections.map(({ from, to, ports }): CrossingConnection => {
    const connection = { from: formatPeer(from), to: formatPeer(to), ports: formatPorts(ports) };
    const outside = from.kind === 'workload' ? connection.from : 'anyone';
    const [need] = needs.get(`${outside} ${connection.to}`) ?? [];
    return need ? { ...connection, needed: need.says } : connection;
  });
  return found.sort(
    (a, b) =>
      Number(b.needed !== undefined) - Number(a.needed !== undefined) || compare(a.from, b.from) || compare(a.to, b.to),
  );
}

function needKey({ from, to }: Flow): string {
  return `${formatEnd(from)} ${formatEnd(to)}`;
}

/** The policy of an analysis that a person names `[KIND/]ns/name` or, for those of the cluster, `KIND/name`. */
export function policyNamed(analysis: NetworkAnalysis, written: string): readonly ObjectRef[] {
  const parts = written.split('/');
  return analysis.policies
    .map(({ ref }) => ref)
    .filter((ref) => {
      const id = [ref.namespace, ref.name].filter((part) => part !== undefined).join('/');
      return written === id || (parts[0]?.toLowerCase() === ref.kind.toLowerCase() && parts.slice(1).join('/') === id);
    })
    .filter((ref, i, all) => all.findIndex((other) => refId(other) === refId(ref)) === i);
}
