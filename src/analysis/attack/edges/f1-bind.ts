import { administersCluster, administersNamespace } from '../hops/administrators.ts';
import { givenByRole } from '../hops/bound-roles.ts';
import { defineEdge, type Hop } from '../hops/define-edge.ts';
import { all } from '../hops/groups.ts';
import { asksOf, pairsHeld, TOGETHER, type HeldPair } from '../hops/same-request.ts';
import { once } from '../world/once.ts';
import type { World } from '../world/world.ts';
import { byTheRight, rule } from '../hops/hops.ts';
import { formatNode, node, type AttackNode } from '../nodes.ts';

const PAIRS = [TOGETHER.bindCluster, TOGETHER.bindInNamespace, TOGETHER.bindRole];
const KINDS = ['ClusterRole', 'Role'] as const;
const MAKES = { ClusterRole: TOGETHER.escalateCluster, Role: TOGETHER.escalateInNamespace };

export const bind = defineEdge({
  id: 'F1',
  title: 'bind a stronger role to oneself',
  technique: ['T1098.006'],
  matrix: ['TA9019'],
  cost: 1,
  from: ['Identity', 'NodeIdentity'],
  asks: [...new Set([...PAIRS, ...Object.values(MAKES)].flatMap(asksOf))],
  *hops(from, world) {
    for (const kind of KINDS)
      for (const made of pairsHeld(from, world, MAKES[kind])) {
        const to = makerOf(kind, made);
        if (to) yield { to, and: made.both, because: byTheRight };
      }
    for (const pair of PAIRS) {
      const kind = pair === TOGETHER.bindRole ? 'Role' : 'ClusterRole';
      const makers = once(() => distinctMakers(from, kind, world));
      const inCluster = pair === TOGETHER.bindCluster;
      for (const held of pairsHeld(from, world, pair)) {
        // `bind` is asked in the namespace of the binding.
        if (inCluster && held.namespace !== undefined) continue;
        if (held.both[0].name?.startsWith('create ')) {
          yield* newBinding(kind, inCluster, held, world);
          for (const maker of makers()) yield* bindingToOwn(kind, inCluster, held, maker);
        } else yield* joined(kind, inCluster, held, world);
      }
    }
  },
  fix: 'Limit the bind verb to harmless roles by resourceNames, or remove it.',
  prove: 'Server-side dry run of the binding as that subject.',
});

/** A new binding to the role the right is limited to, or to any: the strongest ClusterRole, or each Role of the namespace. */
function* newBinding(kind: 'Role' | 'ClusterRole', inCluster: boolean, held: HeldPair, world: World): Generator<Hop> {
  const { both, namespace } = held;
  const name = both[1].object;
  if (kind === 'ClusterRole') {
    const role = world.grants.clusterRole(name ?? 'cluster-admin');
    if (!role) return;
    const because = rule('RBAC', `whoever may bind ClusterRole ${role.ref.name} to themselves may do what it allows`);
    if (inCluster || namespace !== undefined) {
      for (const to of givenByRole(role, namespace, world)) yield { to, and: both, needs: [role.ref], because };
      return;
    }
    if (administersNamespace(role)) yield { to: all('NamespaceAdmin'), and: both, because: byTheRight };
    if (administersCluster(role)) yield { to: all('AdmissionControl'), and: both, because: byTheRight };
    yield { to: all('RoleInEvery', role.ref.name), and: both, needs: [role.ref], because };
  } else if (name === undefined) {
    yield { to: all('Role', namespace), and: both, because: byTheRight };
  } else {
    for (const role of world.grants
      .rolesNamed(name)
      .filter(({ ref }) => (namespace ?? ref.namespace) === ref.namespace))
      for (const to of givenByRole(role, role.ref.namespace, world))
        yield { to, and: both, needs: [role.ref], because: byTheRight };
  }
}

/** The power to write what one likes into a role of this name, or (undefined) of any, in a namespace or everywhere. */
function makerOf(kind: (typeof KINDS)[number], { both, namespace }: HeldPair): AttackNode | undefined {
  const [name, ...others] = new Set(both.flatMap(({ object }) => object ?? []));
  if (others.length > 0 || (kind === 'ClusterRole' && namespace !== undefined)) return undefined;
  const maker = node('Role', `makes ${kind}`, namespace);
  return name === undefined ? maker : { ...maker, object: name };
}

/** The powers of a requester to write roles, each once however it comes by them. */
function distinctMakers(from: AttackNode, kind: (typeof KINDS)[number], world: World): readonly AttackNode[] {
  const found = [...pairsHeld(from, world, MAKES[kind])].flatMap((made) => makerOf(kind, made) ?? []);
  return [...new Map(found.map((maker) => [formatNode(maker), maker])).values()];
}

/** A binding to a role that says whatever one likes, because one may write and bind the same. */
function* bindingToOwn(
  kind: 'Role' | 'ClusterRole',
  inCluster: boolean,
  { both, namespace }: HeldPair,
  maker: AttackNode,
): Generator<Hop> {
  const names = new Set([both[1].object, maker.object].filter((name) => name !== undefined));
  // Who may bind every ClusterRole binds a stronger one at once.
  if (names.size > 1 || (kind === 'ClusterRole' && names.size === 0)) return;
  const places = [namespace, maker.namespace].filter((place) => place !== undefined);
  const [place] = places;
  if (places.some((one) => one !== place)) return;
  const to =
    place !== undefined
      ? node('NamespaceAdmin', undefined, place)
      : inCluster
        ? node('ClusterAdmin')
        : all('NamespaceAdmin');
  yield { to, and: [...both, maker], because: byTheRight };
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
