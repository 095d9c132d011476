import type { CompiledBinding, CompiledRole } from '../../access/objects.ts';
import { administersCluster, administersNamespace } from '../administrators.ts';
import { defineEdge, type Hop } from '../define-edge.ts';
import { all } from '../groups.ts';
import { node, type AttackNode } from '../nodes.ts';
import { asksOf, pairsHeld, TOGETHER, type HeldPair } from '../same-request.ts';
import type { World } from '../world/world.ts';
import { byTheRight, rule } from '../hops.ts';

const PAIRS = [TOGETHER.bindCluster, TOGETHER.bindInNamespace, TOGETHER.bindRole];

export const bind = defineEdge({
  id: 'F1',
  title: 'bind a stronger role to oneself',
  technique: ['T1098.006'],
  matrix: ['TA9019'],
  cost: 1,
  from: ['Identity', 'NodeIdentity'],
  asks: [...new Set(PAIRS.flatMap(asksOf))],
  *hops(from, world) {
    for (const pair of PAIRS) {
      const kind = pair === TOGETHER.bindRole ? 'Role' : 'ClusterRole';
      for (const held of pairsHeld(from, world, pair)) {
        // `bind` is asked in the namespace of the binding.
        if (pair === TOGETHER.bindCluster && held.namespace !== undefined) continue;
        if (!held.both[0].name?.startsWith('create ')) yield* joined(kind, pair === TOGETHER.bindCluster, held, world);
        else if (pair === TOGETHER.bindCluster)
          yield* hopsTo(rolesNamed(kind, held, undefined, world), undefined, held, world);
        else yield* boundInNamespaces(kind, held, world);
      }
    }
  },
  fix: 'Limit the bind verb to harmless roles by resourceNames, or remove it.',
  prove: 'Server-side dry run of the binding as that subject.',
});

/** A new binding in the namespace where that is allowed, or in each. */
function* boundInNamespaces(kind: CompiledRole['ref']['kind'], held: HeldPair, world: World): Generator<Hop> {
  const { namespace } = held;
  const places = namespace === undefined ? world.accounts.namespaces() : [namespace];
  const anywhere = namespace === undefined && kind === 'ClusterRole' ? rolesNamed(kind, held, undefined, world) : [];
  if (anywhere.some(administersNamespace)) yield { to: all('NamespaceAdmin'), and: held.both, because: byTheRight };
  if (anywhere.some(administersCluster)) yield { to: all('AdmissionControl'), and: held.both, because: byTheRight };
  for (const place of places) yield* hopsTo(rolesNamed(kind, held, place, world), place, held, world);
}

/** Oneself as a further subject of a binding that is there: its role can't be changed. */
function* joined(kind: string, everywhere: boolean, held: HeldPair, world: World): Generator<Hop> {
  const [write, bindRight] = held.both;
  for (const binding of bindingsIn(everywhere ? '' : held.namespace, world)) {
    const { role, ref } = binding;
    if (typeof role === 'string' || role.ref.kind !== kind) continue;
    if (write.object !== undefined && write.object !== ref.name) continue;
    if (bindRight.object !== undefined && bindRight.object !== role.ref.name) continue;
    for (const hop of hopsTo([role], everywhere ? undefined : binding.namespace, held, world))
      yield { ...hop, needs: [...(hop.needs ?? []), ref] };
  }
}

/** The roles a new binding may refer to: the one the rule is limited to, or the strongest of all. */
function rolesNamed(
  kind: string,
  { both }: HeldPair,
  namespace: string | undefined,
  world: World,
): readonly CompiledRole[] {
  const name = both[1].object;
  if (kind === 'ClusterRole') return [world.grants.clusterRole(name ?? 'cluster-admin') ?? []].flat();
  const here = namespace === undefined ? [] : world.grants.rolesIn(namespace);
  return name === undefined ? here : here.filter(({ ref }) => ref.name === name);
}

/** What roles give to whom they are bound, in a namespace or (undefined) everywhere. */
function* hopsTo(
  roles: readonly CompiledRole[],
  namespace: string | undefined,
  held: HeldPair,
  world: World,
): Generator<Hop> {
  for (const role of roles) {
    const needs = [role.ref];
    for (const to of administered(role, namespace)) yield { to, and: held.both, needs, because: byTheRight };
    const { kind, name } = role.ref;
    const because = rule('RBAC', `whoever may bind ${kind} ${name} to themselves may do what it allows`);
    yield { to: world.roles.stationOf({ role, namespace }), and: held.both, needs, because };
  }
}

function administered(role: CompiledRole, namespace: string | undefined): readonly AttackNode[] {
  if (namespace === undefined && administersCluster(role)) return [node('ClusterAdmin')];
  if (!administersNamespace(role)) return [];
  if (namespace === undefined) return [all('NamespaceAdmin')];
  const admin = node('NamespaceAdmin', undefined, namespace);
  // cluster-admin bound in a namespace may change the labels of that namespace, too.
  return administersCluster(role) ? [admin, node('AdmissionControl', undefined, namespace)] : [admin];
}

const BY_NAMESPACE = new WeakMap<World['grants'], ReadonlyMap<string, readonly CompiledBinding[]>>();

/** The bindings of a namespace (empty: those of the cluster), or of every namespace. */
function bindingsIn(namespace: string | undefined, { grants }: World): readonly CompiledBinding[] {
  let known = BY_NAMESPACE.get(grants);
  if (!known) BY_NAMESPACE.set(grants, (known = Map.groupBy(grants.bindings, (binding) => binding.namespace)));
  if (namespace !== undefined) return known.get(namespace) ?? [];
  return grants.bindings.filter((binding) => binding.namespace !== '');
}
