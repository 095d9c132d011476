import { formatRef, refId, type ObjectRef } from '../../../model/object.ts';
import { formatPorts } from '../ports/ports.ts';
import type { Exposure, ReachVerdict } from '../types.ts';
import type { NetworkState } from './object-changes.ts';

/** A way in from outside that is not what it was. */
export interface ExposureChange {
  readonly workload: ObjectRef;
  readonly via: Exposure['via'];
  /** The object that opens the way. */
  readonly by: ObjectRef;
  readonly before: ExposureState | null;
  readonly after: ExposureState | null;
  /** Whether somebody may be let in who was not, or on other ports. */
  readonly opens: boolean;
}

export interface ExposureState {
  readonly ports: string;
  readonly verdict: ReachVerdict;
}

/** The ways in that were opened, closed, or lead to other ports or verdicts now. Sorted by workload. */
export function exposureChanges(old: NetworkState, now: NetworkState): readonly ExposureChange[] {
  const [before, after] = [old, now].map(
    ({ analysis }) => new Map(analysis.exposures().map((exposure) => [keyOf(exposure), exposure])),
  );
  const keys = [...new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])])].sort();
  return keys.flatMap((key): readonly ExposureChange[] => {
    const [was, is] = [before?.get(key), after?.get(key)];
    const known = is ?? was;
    const [a, b] = [stateOf(was), stateOf(is)];
    if (!known || (a?.ports === b?.ports && a?.verdict === b?.verdict)) return [];
    return [{ workload: known.workload, via: known.via, by: known.by, before: a, after: b, opens: mayOpen(a, b) }];
  });
}

/** What can't be known may be open: only a way that is certainly closed opens nothing. */
function mayOpen(was: ExposureState | null, is: ExposureState | null): boolean {
  if (!is || is.verdict === 'denied') return false;
  if (!was || was.verdict === 'denied' || was.ports !== is.ports) return true;
  return is.verdict === 'allowed';
}

function keyOf({ workload, via, by }: Exposure): string {
  return `${formatRef(workload)} ${via} ${refId(by)}`;
}

function stateOf(exposure: Exposure | undefined): ExposureState | null {
  return exposure ? { ports: formatPorts(exposure.ports), verdict: exposure.verdict } : null;
}
