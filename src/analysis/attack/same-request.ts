import type { Because } from '../../model/because.ts';
import type { ObjectRef } from '../../model/object.ts';
import type { BoundRole } from './access-facts.ts';
import { rightInNamespace, type Action } from './actions.ts';
import { formatNode, type AttackNode } from './nodes.ts';
import { groupsOf, identityOfGroup } from './principals.ts';
import { becauseOfBinding, becauseOfRule } from './stations.ts';
import type { World } from './world.ts';

/** Two rights one request needs both of, so one requester must have them, itself or through its groups. */
export interface HeldPair {
  readonly both: readonly [AttackNode, AttackNode];
  /** Where both count; undefined: everywhere. */
  readonly namespace: string | undefined;
  readonly needs: readonly ObjectRef[];
  readonly because: () => readonly Because[];
}

interface HeldRight {
  readonly right: AttackNode;
  readonly own: boolean;
  readonly needs: readonly ObjectRef[];
  readonly because: () => readonly Because[];
}

/**
 * Every way in which a requester has two rights in one place. One of them at least is its own: what a group alone has, the
 * group's own node gives to all its members.
 */
export function* pairsHeld(from: AttackNode, world: World, a: Action, b: Action): Generator<HeldPair> {
  const first = heldRights(from, world, a);
  if (first.length === 0) return;
  const second = heldRights(from, world, b);
  for (const one of first) {
    for (const two of second) {
      if (!one.own && !two.own) continue;
      const namespace = one.right.namespace ?? two.right.namespace;
      if (two.right.namespace !== undefined && two.right.namespace !== namespace) continue;
      yield {
        both: [one.right, two.right],
        namespace,
        needs: [...one.needs, ...two.needs],
        because: () => [...one.because(), ...two.because()],
      };
    }
  }
}

export interface HeldRole extends BoundRole {
  readonly needs: readonly ObjectRef[];
}

/** The roles a requester is bound to, itself or through its groups. */
export function rolesHeld(from: AttackNode, world: World): readonly HeldRole[] {
  return [from, ...groupsOf(from).map(identityOfGroup)].flatMap((holder) =>
    world.rolesOf(holder).map((bound) => ({ ...bound, needs: [bound.binding] })),
  );
}

function heldRights(from: AttackNode, world: World, action: Action): readonly HeldRight[] {
  const own = rightsBound(from, world, action).map((one) => ({ ...one, own: true }));
  const shared = groupsOf(from).flatMap((group) => rightsBound(identityOfGroup(group), world, action));
  return [...own, ...shared.map((one) => ({ ...one, own: false }))];
}

function rightsBound(holder: AttackNode, world: World, action: Action): readonly Omit<HeldRight, 'own'>[] {
  let known = KNOWN.get(world);
  if (!known) KNOWN.set(world, (known = new Map()));
  const key = `${action} ${formatNode(holder)}`;
  let rights = known.get(key);
  if (!rights) known.set(key, (rights = findRights(holder, world, action)));
  return rights;
}

/** The rights of a group are asked about for every member. */
const KNOWN = new WeakMap<World, Map<string, readonly Omit<HeldRight, 'own'>[]>>();

function findRights(holder: AttackNode, world: World, action: Action): readonly Omit<HeldRight, 'own'>[] {
  return world.rolesOf(holder).flatMap((bound) =>
    world.rules.rightsOf(bound.role).flatMap((rights, index) =>
      rights.flatMap((right) => {
        const found = right.action.written === action ? rightInNamespace(right, bound.namespace) : undefined;
        if (!found) return [];
        const { role, binding } = bound;
        const writtenIn = role.writtenIn?.[index]?.role;
        return [
          {
            right: found,
            needs: writtenIn ? [binding, role.ref, writtenIn] : [binding, role.ref],
            because: () => [becauseOfBinding(bound, holder), becauseOfRule(bound, index)],
          },
        ];
      }),
    ),
  );
}
