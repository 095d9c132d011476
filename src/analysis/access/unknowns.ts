import { becauseOfGap, type Because } from '../../model/because.ts';
import { formatRef } from '../../model/object.ts';
import type { Gap, Snapshot } from '../../model/snapshot.ts';
import { namespaceOf } from './binding-index.ts';
import { CLUSTER_ROLE, CLUSTER_ROLE_BINDING, ROLE, ROLE_BINDING } from './kinds.ts';
import type { CompiledBinding } from './objects.ts';
import type { AccessRequest } from './types.ts';

/** Bindings that could not be read and could have granted a request in this namespace (empty: no namespace). */
export function bindingGaps(snapshot: Snapshot, namespace: string): readonly Gap[] {
  const cluster = snapshot.gaps([CLUSTER_ROLE_BINDING]);
  if (namespace === '') return cluster;
  return [...new Set([...cluster, ...snapshot.gaps([ROLE_BINDING], namespace)])];
}

/** Whether a binding that applies may grant more than what is known of its role. */
export function isOpen(binding: CompiledBinding): boolean {
  return binding.role === 'unread' || (typeof binding.role === 'object' && binding.role.incomplete);
}

/** The gaps in roles that leave a binding open. */
export function roleGaps(snapshot: Snapshot, binding: CompiledBinding): readonly Gap[] {
  return binding.namespace === ''
    ? snapshot.gaps([CLUSTER_ROLE])
    : snapshot.gaps([ROLE, CLUSTER_ROLE], binding.namespace);
}

/** Why a request that nothing read allows might still be allowed, by bindings that apply to whoever asks. */
export function whyOpen(
  snapshot: Snapshot,
  bindings: readonly CompiledBinding[],
  request: AccessRequest,
): readonly Because[] {
  return [...bindingGaps(snapshot, namespaceOf(request)).map(becauseOfGap), ...whyRolesOpen(snapshot, bindings)];
}

/** One reason per gap in roles, naming a binding that depends on it. */
export function whyRolesOpen(snapshot: Snapshot, bindings: readonly CompiledBinding[]): readonly Because[] {
  const reasons = new Map<Gap, Because>();
  for (const binding of bindings.filter(isOpen)) {
    for (const gap of roleGaps(snapshot, binding)) {
      if (reasons.has(gap)) continue;
      const says = `${formatRef(binding.ref)} refers to a role whose rules are not all known. ${gap.detail}. ${gap.remedy}`;
      reasons.set(gap, { kind: 'gap', gap, says });
    }
  }
  return [...reasons.values()];
}
