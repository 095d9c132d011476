import type { Because } from '../../../model/because.ts';
import type { ObjectRef } from '../../../model/object.ts';
import { actions, rightInNamespace, type Action } from './actions.ts';
import type { Hop } from './define-edge.ts';
import { rule } from './hops.ts';
import { formatNode, type AttackNode } from '../nodes.ts';
import { groupsOf, identityOfGroup } from './principals.ts';
import { becauseOfBinding, becauseOfRule } from './reasons.ts';
import type { World } from '../world/world.ts';

const RBAC = 'rbac.authorization.k8s.io';
const CHANGE = ['update', 'patch'];

/** Rights of which one request needs both, so that one requester must have them, itself or through its groups. */
export const TOGETHER = {
  bindCluster: pair(actions(['create', ...CHANGE], [`clusterrolebindings.${RBAC}`]), `bind clusterroles.${RBAC}`),
  bindInNamespace: pair(actions(['create', ...CHANGE], [`rolebindings.${RBAC}`]), `bind clusterroles.${RBAC}`),
  bindRole: pair(actions(['create', ...CHANGE], [`rolebindings.${RBAC}`]), `bind roles.${RBAC}`),
  escalateCluster: pair(actions(['create', ...CHANGE], [`clusterroles.${RBAC}`]), `escalate clusterroles.${RBAC}`),
  escalateInNamespace: pair(actions(['create', ...CHANGE], [`roles.${RBAC}`]), `escalate roles.${RBAC}`),
  impersonateGroup: pair(['impersonate users', 'impersonate serviceaccounts'], 'impersonate groups'),
} as const;

interface Together {
  readonly first: readonly Action[];
  readonly second: Action;
}

function pair(first: readonly Action[], second: Action): Together {
  return { first, second };
}

/** Every action some pair needs, for the `asks` of the edges. */
export function asksOf({ first, second }: Together): readonly Action[] {
  return [...first, second];
}

/** Two rights of one requester, as premises, and where both count (undefined: everywhere). */
export interface HeldPair {
  readonly both: readonly [AttackNode, AttackNode];
  readonly namespace: string | undefined;
}

/**
 * The pairs a requester has in one place. One right of each is its own: what a group alone has, the group's own node gives to
 * all its members.
 */
export function* pairsHeld(from: AttackNode, world: World, { first, second }: Together): Generator<HeldPair> {
  const seconds = held(from, world, second);
  if (seconds.length === 0) return;
  for (const one of first.flatMap((action) => held(from, world, action))) {
    for (const two of seconds) {
      if (!one.own && !two.own) continue;
      const namespace = one.right.namespace ?? two.right.namespace;
      if (two.right.namespace !== undefined && two.right.namespace !== namespace) continue;
      yield { both: [one.right, two.right], namespace };
    }
  }
}

/** The hops that give a requester the rights which `pairsHeld` names, one a support; an action of several pairs counts once. */
export function* requesterRights(from: AttackNode, world: World): Generator<Hop> {
  const by = formatNode(from);
  const besides = new Set<Action>();
  for (const action of ACTIONS) {
    const found = rightsBound(from, world, action);
    for (const { right, supports } of found)
      for (const { needs, because } of supports) yield { to: { ...right, by }, needs, because };
    if (found.length > 0) for (const other of PARTNERS.get(action) ?? []) besides.add(other);
  }
  for (const action of besides) yield* throughGroups(from, world, action);
}

function* throughGroups(from: AttackNode, world: World, action: Action): Generator<Hop> {
  for (const group of groupsOf(from)) {
    const holder = identityOfGroup(group);
    for (const { right } of rightsBound(holder, world, action)) {
      yield {
        to: { ...right, by: formatNode(from) },
        and: [{ ...right, by: formatNode(holder) }],
        because: rule('authentication', `${from.name ?? ''} is in the group ${group}`),
      };
    }
  }
}

interface HeldRight {
  readonly right: AttackNode;
  readonly own: boolean;
}

function held(from: AttackNode, world: World, action: Action): readonly HeldRight[] {
  const by = formatNode(from);
  const rights = new Map<string, HeldRight>();
  const add = (holder: AttackNode, own: boolean): void => {
    for (const { right } of rightsBound(holder, world, action)) {
      const key = formatNode(right);
      if (own || !rights.has(key)) rights.set(key, { right: { ...right, by }, own });
    }
  };
  for (const group of groupsOf(from)) add(identityOfGroup(group), false);
  add(from, true);
  return [...rights.values()];
}

interface BoundRight {
  readonly right: AttackNode;
  readonly supports: { readonly needs: readonly ObjectRef[]; readonly because: () => readonly Because[] }[];
}

/** The rights of a group are asked about for every member, so they are kept. */
const KNOWN = new WeakMap<World, Map<string, ReadonlyMap<Action, readonly BoundRight[]>>>();

const ACTIONS: ReadonlySet<Action> = new Set(Object.values(TOGETHER).flatMap(asksOf));

/** The actions that make a pair with each. */
const PARTNERS: ReadonlyMap<Action, ReadonlySet<Action>> = new Map(
  [...ACTIONS].map((action) => [
    action,
    new Set(
      Object.values(TOGETHER).flatMap(({ first, second }: Together) =>
        action === second ? first : first.includes(action) ? [second] : [],
      ),
    ),
  ]),
);

function rightsBound(holder: AttackNode, world: World, action: Action): readonly BoundRight[] {
  let known = KNOWN.get(world);
  if (!known) KNOWN.set(world, (known = new Map()));
  const key = formatNode(holder);
  let rights = known.get(key);
  if (!rights) known.set(key, (rights = findRights(holder, world)));
  return rights.get(action) ?? NO_RIGHTS;
}

const NO_RIGHTS: readonly BoundRight[] = [];

function findRights(holder: AttackNode, world: World): ReadonlyMap<Action, readonly BoundRight[]> {
  const byNode = new Map<string, BoundRight & { readonly action: Action }>();
  for (const bound of world.roles.of(holder)) {
    const { role, binding, namespace } = bound;
    for (const [index, rights] of world.rules.rightsOf(role).entries()) {
      for (const right of rights) {
        const action = right.action.written;
        const found = ACTIONS.has(action) ? rightInNamespace(right, namespace) : undefined;
        if (!found) continue;
        const key = formatNode(found);
        let known = byNode.get(key);
        if (!known) byNode.set(key, (known = { right: found, action, supports: [] }));
        const writtenIn = role.writtenIn?.[index]?.role;
        known.supports.push({
          needs: writtenIn ? [binding, role.ref, writtenIn] : [binding, role.ref],
          because: () => [becauseOfBinding(bound, holder), becauseOfRule(bound, index)],
        });
      }
    }
  }
  return Map.groupBy(byNode.values(), ({ action }) => action);
}
