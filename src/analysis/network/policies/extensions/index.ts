import type { Gap, Resource, Snapshot } from '../../../../model/snapshot.ts';
import { CALICO_NAMED_KINDS, EXTENSION_KINDS } from '../../../../model/policy-kinds.ts';
import type { ReadPolicy } from '../read-network-policy.ts';
import { readCalicoPolicy, selectsAccounts } from './calico.ts';
import { readCiliumPolicy } from './cilium.ts';
import { readAuthorizationPolicy } from './istio.ts';
import { readPeerAuthentication } from './istio-peer-authentication.ts';
import { knownValues, type KnownValues } from './known-values.ts';
import { readUnevaluated } from './unevaluated.ts';

/** Reads one object; it may hold several policies, or none that is about pods. Kinds without a reader are not evaluated. */
type Reader = (snapshot: Snapshot, resource: Resource, known: KnownValues) => readonly ReadPolicy[];

const READERS: Readonly<Record<string, Reader>> = {
  'NetworkPolicy.projectcalico.org': readCalicoPolicy,
  'GlobalNetworkPolicy.projectcalico.org': readCalicoPolicy,
  'NetworkPolicy.crd.projectcalico.org': readCalicoPolicy,
  'GlobalNetworkPolicy.crd.projectcalico.org': readCalicoPolicy,
  'CiliumNetworkPolicy.cilium.io': readCiliumPolicy,
  'CiliumClusterwideNetworkPolicy.cilium.io': readCiliumPolicy,
  'AuthorizationPolicy.security.istio.io': readAuthorizationPolicy,
  'PeerAuthentication.security.istio.io': readPeerAuthentication,
};

/** Gaps that leave open what these policies say: of the policies themselves, and of what those that are there may name. */
export function extensionGaps(snapshot: Snapshot): readonly Gap[] {
  const ofCalico = EXTENSION_KINDS.filter((kind) => kind.includes('calico')).flatMap((kind) => snapshot.list(kind));
  return snapshot.gaps([
    ...EXTENSION_KINDS,
    ...(ofCalico.length > 0 ? CALICO_NAMED_KINDS : []),
    ...(ofCalico.some(({ object }) => selectsAccounts(object)) ? ['ServiceAccount'] : []),
  ]);
}

/** Every such policy of a snapshot, in the order read. */
export function readExtensions(snapshot: Snapshot): readonly ReadPolicy[] {
  const known = knownValues(snapshot);
  return EXTENSION_KINDS.flatMap((kind) =>
    snapshot
      .list(kind)
      .filter((resource) => !isStoredTwice(snapshot, kind, resource))
      .flatMap((resource) => (READERS[kind] ?? readUnevaluated)(snapshot, resource, known)),
  );
}

/** Calico serves what it stores under a second group. */
function isStoredTwice(snapshot: Snapshot, kind: string, { object }: Resource): boolean {
  if (!kind.endsWith('.crd.projectcalico.org')) return false;
  const served = kind.replace('.crd.', '.');
  return snapshot.get(served, object.metadata.namespace, object.metadata.name) !== undefined;
}
