import type { ObjectRef } from '../../../model/object.ts';
import type { CompiledRole } from '../../access/objects.ts';
import { administersCluster, administersNamespace } from './administrators.ts';
import { node, type AttackNode } from '../nodes.ts';
import type { World } from '../world/world.ts';

type Kind = 'Role' | 'ClusterRole';

/** What a role gives to whom it is bound in a namespace, or (undefined) everywhere: its rights, and what they make together. */
export function* givenByRole(role: CompiledRole, namespace: string | undefined, world: World): Generator<AttackNode> {
  yield world.roles.stationOf({ role, namespace });
  if (namespace === undefined && administersCluster(role)) yield node('ClusterAdmin');
  else if (administersNamespace(role)) {
    yield namespace === undefined ? node('All', 'NamespaceAdmin') : node('NamespaceAdmin', undefined, namespace);
    // cluster-admin bound in a namespace may change the labels of that namespace, too.
    if (namespace !== undefined && administersCluster(role)) yield node('AdmissionControl', undefined, namespace);
  }
}

interface BoundRoleMember {
  readonly node: AttackNode;
  readonly needs: readonly ObjectRef[];
}

/** What the roles of one kind give that the bindings of a namespace, or (undefined) of the cluster, refer to. */
export function givenByBindings(kind: Kind, namespace: string | undefined, world: World): readonly BoundRoleMember[] {
  return world.grants
    .bindingsIn(namespace ?? '')
    .flatMap(({ role, ref }) =>
      typeof role === 'string' || role.ref.kind !== kind
        ? []
        : [...givenByRole(role, namespace, world)].map((one) => ({ node: one, needs: [role.ref, ref] })),
    );
}

/** What the Roles of a namespace give, bound in it. */
export function givenByRoles(namespace: string, world: World): readonly BoundRoleMember[] {
  return world.grants
    .rolesIn(namespace)
    .flatMap((role) => [...givenByRole(role, namespace, world)].map((one) => ({ node: one, needs: [role.ref] })));
}
