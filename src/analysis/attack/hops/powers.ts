import { node, type AttackNode } from '../nodes.ts';
import type { World } from '../world/world.ts';
import type { Hop } from './define-edge.ts';
import { byTheRight } from './hops.ts';
import { pairsHeld, TOGETHER, type HeldPair } from './same-request.ts';

/*
 * What two rights of one requester make together, as stations: a requester has them by many pairs of grants, and what follows
 * is the same whoever has them. Those over one role carry its name as their object.
 */

export type RoleKind = 'Role' | 'ClusterRole';

const PREFIX = { cluster: 'binds for the cluster ', place: 'binds ', makes: 'makes ' } as const;

/** The power over new bindings to a ClusterRole or Role, in a namespace, everywhere, or for the whole cluster. */
export interface Binder {
  readonly kind: RoleKind;
  readonly inCluster: boolean;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
}

/** Reads the station of a binder; undefined for other stations. */
export function binderAt({ name = '', namespace, object }: AttackNode): Binder | undefined {
  const inCluster = name.startsWith(PREFIX.cluster);
  const kind = name.slice((inCluster ? PREFIX.cluster : PREFIX.place).length);
  const isBinder = (inCluster || name.startsWith(PREFIX.place)) && (kind === 'Role' || kind === 'ClusterRole');
  return isBinder ? { kind, inCluster, namespace, name: object } : undefined;
}

/** The power to write what one likes into a role of this name, or (undefined) of any, in a namespace or everywhere. */
export function makerOf(kind: RoleKind, namespace: string | undefined, name: string | undefined): AttackNode {
  return limited(node('Role', `${PREFIX.makes}${kind}`, namespace), name);
}

/** The power to do so with some Role, whichever. */
export function someMakerOf(namespace: string | undefined): AttackNode {
  return node('Role', 'makes some Role', namespace);
}

/** The power to change every Role that is there: whose it is doesn't matter. */
export function widenerOf(namespace: string | undefined): AttackNode {
  return node('Role', 'widens Roles', namespace);
}

/** The power to write ClusterRoles that say what one likes. */
export const WRITER: AttackNode = node('Role', 'writes ClusterRoles');

/** The powers of a requester, by every pair of rights. */
export function* powersHeld(from: AttackNode, world: World): Generator<Hop> {
  const binders = [
    { pair: TOGETHER.bindCluster, prefix: PREFIX.cluster, kind: 'ClusterRole' },
    { pair: TOGETHER.bindInNamespace, prefix: PREFIX.place, kind: 'ClusterRole' },
    { pair: TOGETHER.bindRole, prefix: PREFIX.place, kind: 'Role' },
  ] as const;
  for (const { pair, prefix, kind } of binders) {
    for (const { both, namespace } of pairsHeld(from, world, pair)) {
      // `bind` is asked in the namespace of the binding.
      if (!isCreate(both) || (prefix === PREFIX.cluster && namespace !== undefined)) continue;
      yield {
        to: limited(node('Role', `${prefix}${kind}`, namespace), both[1].object),
        and: both,
        because: byTheRight,
      };
    }
  }
  for (const { both, namespace } of pairsHeld(from, world, TOGETHER.escalateCluster)) {
    const name = oneName(both);
    if (name === null || namespace !== undefined) continue;
    yield { to: makerOf('ClusterRole', undefined, name), and: both, because: byTheRight };
    yield { to: WRITER, and: both, because: byTheRight };
  }
  for (const { both, namespace } of pairsHeld(from, world, TOGETHER.escalateInNamespace)) {
    const name = oneName(both);
    if (name === null) continue;
    yield { to: makerOf('Role', namespace, name), and: both, because: byTheRight };
    yield { to: someMakerOf(namespace), and: both, because: byTheRight };
    // Who may only create Roles can't widen one that is bound.
    if (name === undefined && !isCreate(both)) yield { to: widenerOf(namespace), and: both, because: byTheRight };
  }
}

function limited(station: AttackNode, object: string | undefined): AttackNode {
  return object === undefined ? station : { ...station, object };
}

/** The one name a pair is limited to; undefined for none, null where its rights are limited to different ones. */
export function oneName(both: HeldPair['both']): string | undefined | null {
  const [name, ...others] = new Set(both.flatMap(({ object }) => object ?? []));
  return others.length > 0 ? null : name;
}

export function isCreate([write]: HeldPair['both']): boolean {
  return write.name?.startsWith('create ') === true;
}
