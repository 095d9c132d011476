import { administersCluster, administersNamespace } from '../hops/administrators.ts';
import { givenByRole } from '../hops/bound-roles.ts';
import { defineEdge, type Hop } from '../hops/define-edge.ts';
import { all } from '../hops/groups.ts';
import { binderAt, isCreate, makerOf, someMakerOf, type Binder } from '../hops/powers.ts';
import { asksOf, pairsHeld, TOGETHER, type HeldPair } from '../hops/same-request.ts';
import type { World } from '../world/world.ts';
import { byTheRight, rule } from '../hops/hops.ts';
import { node, type AttackNode } from '../nodes.ts';

const PAIRS = [TOGETHER.bindCluster, TOGETHER.bindInNamespace, TOGETHER.bindRole];
export const bind = defineEdge({
  id: 'F1',
  title: 'bind a stronger role to oneself',
  technique: ['T1098.006'],
  matrix: ['TA9019'],
  cost: 1,
  from: ['Identity', 'NodeIdentity', 'Role'],
  asks: [...new Set(Object.values(TOGETHER).flatMap(asksOf))],
  *hops(from, world) {
    const binder = from.kind === 'Role' ? binderAt(from) : undefined;
    if (binder) {
      yield* newBinding(binder, world);
      yield* bindingToOwn(binder, world);
    }
    if (from.kind === 'Role') return;
    for (const pair of PAIRS) {
      const kind = pair === TOGETHER.bindRole ? 'Role' : 'ClusterRole';
      const inCluster = pair === TOGETHER.bindCluster;
      for (const held of pairsHeld(from, world, pair)) {
        if (isCreate(held.both) || (inCluster && held.namespace !== undefined)) continue;
        yield* joined(kind, inCluster, held, world);
      }
    }
  },
  fix: 'Limit the bind verb to harmless roles by resourceNames, or remove it.',
  prove: 'Server-side dry run of the binding as that subject.',
});

/** A new binding to the role the right is limited to, or to any: the strongest ClusterRole, or each Role of the namespace. */
function* newBinding({ kind, inCluster, namespace, name }: Binder, world: World): Generator<Hop> {
  if (kind === 'ClusterRole') {
    const role = world.grants.clusterRole(name ?? 'cluster-admin');
    if (!role) return;
    const because = rule('RBAC', `whoever may bind ClusterRole ${role.ref.name} to themselves may do what it allows`);
    if (inCluster || namespace !== undefined) {
      for (const to of givenByRole(role, namespace, world)) yield { to, needs: [role.ref], because };
      return;
    }
    if (administersNamespace(role)) yield { to: all('NamespaceAdmin'), because: byTheRight };
    if (administersCluster(role)) yield { to: all('AdmissionControl'), because: byTheRight };
    yield { to: all('RoleInEvery', role.ref.name), needs: [role.ref], because };
  } else if (name === undefined) {
    yield { to: all('Role', namespace), because: byTheRight };
  } else {
    for (const role of world.grants
      .rolesNamed(name)
      .filter(({ ref }) => (namespace ?? ref.namespace) === ref.namespace))
      for (const to of givenByRole(role, role.ref.namespace, world))
        yield { to, needs: [role.ref], because: byTheRight };
  }
}

/** A binding to a role that says whatever one likes, because somebody who is held may write it. */
function* bindingToOwn({ kind, inCluster, namespace, name }: Binder, world: World): Generator<Hop> {
  if (kind === 'ClusterRole') {
    // Who may bind every ClusterRole binds a stronger one at once.
    if (name === undefined) return;
    const to = inCluster ? node('ClusterAdmin') : administratorsOf(namespace);
    for (const written of [name, undefined])
      yield { to, and: [makerOf(kind, undefined, written)], because: byTheRight };
    return;
  }
  const places = namespace === undefined ? [undefined, ...world.accounts.namespaces()] : [namespace, undefined];
  for (const place of places) {
    const makers =
      name === undefined ? [someMakerOf(place)] : [makerOf(kind, place, name), makerOf(kind, place, undefined)];
    for (const maker of makers) yield { to: administratorsOf(namespace ?? place), and: [maker], because: byTheRight };
  }
}

function administratorsOf(namespace: string | undefined): AttackNode {
  return namespace === undefined ? all('NamespaceAdmin') : node('NamespaceAdmin', undefined, namespace);
}

/** Oneself as a further subject of a binding that is there: its role can't be changed. */
function* joined(kind: 'Role' | 'ClusterRole', inCluster: boolean, held: HeldPair, world: World): Generator<Hop> {
  const { both, namespace } = held;
  const [write, bindRight] = both;
  if (write.object === undefined && bindRight.object === undefined) {
    const group = inCluster ? 'RoleOfCluster' : kind === 'Role' ? 'BoundRole' : 'BoundClusterRole';
    yield { to: all(group, namespace), and: both, because: byTheRight };
    return;
  }
  const found =
    write.object === undefined
      ? world.grants.bindingsOfRole(bindRight.object ?? '')
      : world.grants.bindingsNamed(write.object);
  for (const { role, ref, namespace: place } of found) {
    if (inCluster ? place !== '' : place === '' || (namespace ?? place) !== place) continue;
    if (typeof role === 'string' || role.ref.kind !== kind) continue;
    if (bindRight.object !== undefined && bindRight.object !== role.ref.name) continue;
    for (const to of givenByRole(role, place === '' ? undefined : place, world))
      yield { to, and: both, needs: [role.ref, ref], because: byTheRight };
  }
}
