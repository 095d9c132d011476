import type { Snapshot } from '../../../model/snapshot.ts';
import { memoised } from '../../../model/memoised.ts';
import { withAddresses } from '../../../model/pods.ts';
import { familyOf, parseIp, type Family } from '../addresses/ip.ts';
import type { NetworkAnalysis } from '../index.ts';

/**
 * What the analysis says of packets of one family: it is asked of the same cluster in which pods have no other
 * addresses. Each is made when it is first asked for.
 */
export function analysisByFamily(snapshot: Snapshot, analysis: NetworkAnalysis): (family: Family) => NetworkAnalysis {
  return memoised((family) => analysis.update(inOneFamily(snapshot, family)));
}

function inOneFamily(snapshot: Snapshot, family: Family): Snapshot {
  const keep = (ip: string): boolean => {
    const value = parseIp(ip);
    return value !== undefined && familyOf(value) === family;
  };
  const pods = snapshot.list('Pod').map((resource) => ({ ...resource, object: withAddresses(resource.object, keep) }));
  const byName = new Map(pods.map((pod) => [nameOf(pod.object.metadata.namespace, pod.object.metadata.name), pod]));
  return {
    ...snapshot,
    list: (kind) => (kind === 'Pod' ? pods : snapshot.list(kind)),
    get: (kind, namespace, name) =>
      kind === 'Pod' ? byName.get(nameOf(namespace, name)) : snapshot.get(kind, namespace, name),
  };
}

function nameOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}
