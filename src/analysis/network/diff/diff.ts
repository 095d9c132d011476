import type { NetworkAnalysis } from '../index.ts';
import { isEmpty, subtractPorts, type PortSet } from '../ports/ports.ts';
import type { Peer } from '../types.ts';
import { causeFinder, type Cause } from './causes.ts';
import type { ChangedEdge } from './changed-edge.ts';
import { changedEdges } from './edges.ts';
import type { NetworkState } from './object-changes.ts';

export type { ChangedEdge } from './changed-edge.ts';
export { changedEdges } from './edges.ts';
export type { NetworkState } from './object-changes.ts';

/** One edge that is not what it was. Empty ports: no connection. */
export interface ReachChange {
  readonly change: 'added' | 'removed' | 'changed';
  readonly from: Peer;
  readonly to: Peer;
  readonly before: PortSet;
  readonly after: PortSet;
  /** Whether some port is open that was not. */
  readonly opens: boolean;
}

/** A changed edge with the edits that made the difference. */
export interface ExplainedChange extends ReachChange, Cause {}

/** What changed from one state to another, edge by edge; edges as they were are left out. Sorted. */
export function reachChanges(old: NetworkAnalysis, now: NetworkAnalysis): readonly ReachChange[] {
  return changedEdges(old, now).map(changeOf);
}

/** The same, each with its cause, in turn. */
export function* diffNetworks(old: NetworkState, now: NetworkState): Generator<ExplainedChange> {
  const causes = causeFinder(old, now);
  for (const edge of changedEdges(old.analysis, now.analysis)) yield { ...changeOf(edge), ...causes(edge) };
}

function changeOf({ from, to, was, is }: ChangedEdge): ReachChange {
  return {
    change: isEmpty(was) ? 'added' : isEmpty(is) ? 'removed' : 'changed',
    from,
    to,
    before: was,
    after: is,
    opens: !isEmpty(subtractPorts(is, was)),
  };
}
