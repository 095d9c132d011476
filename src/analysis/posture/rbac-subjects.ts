import { CLUSTER_ROLE, CLUSTER_ROLE_BINDING, ROLE, ROLE_BINDING } from '../access/kinds.ts';
import type { CompiledBinding } from '../access/objects.ts';
import { stringMap } from '../../model/json.ts';
import { refId } from '../../model/object.ts';
import type { SubjectSource } from './define-check.ts';
import { isDefaultObject, isSystemSubject, type HeldRole } from './rbac.ts';

/** Every binding but the ones Kubernetes makes itself. */
export const everyBinding: SubjectSource<CompiledBinding> = {
  reads: [CLUSTER_ROLE_BINDING, ROLE_BINDING],
  *subjects({ access }) {
    for (const binding of access.bindings) {
      if (binding.builtIn || isDefaultObject(binding.resource)) continue;
      yield { subject: binding, object: binding.ref, resource: binding.resource };
    }
  },
};

/**
 * Every role that was written by somebody and that somebody holds. A role nobody is bound to gives nothing; the
 * control plane's own components need what they have; what feeds an aggregated role is held through that.
 */
export const everyHeldRole: SubjectSource<HeldRole> = {
  reads: [CLUSTER_ROLE, ROLE, CLUSTER_ROLE_BINDING, ROLE_BINDING],
  *subjects({ access }) {
    const bindings = new Map<string, CompiledBinding[]>();
    for (const binding of access.bindings) {
      if (typeof binding.role === 'string' || binding.subjects.every(isSystemSubject)) continue;
      const id = refId(binding.role.ref);
      const found = bindings.get(id);
      if (found) found.push(binding);
      else bindings.set(id, [binding]);
    }
    for (const role of access.roles) {
      if (isDefaultObject(role.resource)) continue;
      const held = bindings.get(refId(role.ref)) ?? [];
      if (held.length === 0 && !isAggregated(role.resource.object.metadata.labels)) continue;
      yield { subject: { role, bindings: held }, object: role.ref, resource: role.resource };
    }
  },
};

function isAggregated(labels: unknown): boolean {
  return Object.keys(stringMap(labels)).some((label) => label.startsWith('rbac.authorization.k8s.io/aggregate-to-'));
}
