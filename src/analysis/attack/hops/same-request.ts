import type { Because } from '../../../model/because.ts';
import type { ObjectRef } from '../../../model/object.ts';
import { actions, rightInNamespace, type Action } from './actions.ts';
import type { Hop } from './define-edge.ts';
import { formatNode, type AttackNode } from '../nodes.ts';
import { AUTHENTICATED, groupsOf, identityOfGroup } from './principals.ts';
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
 * The pairs a requester has in one place, a right of its own or of a group it is in each. What one group alone has, or a group
 * together with everybody's, the group's own node gives to all its members.
 */
export function* pairsHeld(from: AttackNode, world: World, { first, second }: Together): Generator<HeldPair> {
  const seconds = held(from, world, second);
  if (seconds.length === 0) return;
  const own = seconds.filter((one) => one.own);
  const ofGroups = seconds.filter((one) => !one.own && !isOfAll(one));
  for (const one of first.flatMap((action) => held(from, world, action))) {
    const others = isOfAll(one) ? [] : ofGroups.filter(({ right }) => right.by !== one.right.by);
    for (const two of one.own ? seconds : [...own, ...others]) {
      const namespace = one.right.namespace ?? two.right.namespace;
      if (two.right.namespace !== undefined && two.right.namespace !== namespace) continue;
      yield { both: [one.right, two.right], namespace };
    }
  }
}

/** The hops that give a requester the rights of its own which `pairsHeld` names, one a support. */
export function* requesterRights(from: AttackNode, world: World): Generator<Hop> {
  for (const action of ACTIONS)
    for (const { right, supports } of rightsBound(from, world, action))
      for (const { needs, because } of supports) yield { to: right, needs, because };
}

interface HeldRight {
  /** As the requester's own, or as the group's that it is in. */
  readonly right: AttackNode;
  readonly own: boolean;
}

function held(from: AttackNode, world: World, action: Action): readonly HeldRight[] {
  const found = rightsBound(from, world, action).map(({ right }) => ({ right, own: true }));
  for (const group of groupsOf(from))
    for (const { right } of rightsBound(identityOfGroup(group), world, action)) found.push({ right, own: false });
  return found;
}

const OF_ALL = formatNode(identityOfGroup(AUTHENTICATED));

function isOfAll({ right }: HeldRight): boolean {
  return right.by === OF_ALL;
}

interface BoundRight {
  /** By the holder. */
  readonly right: AttackNode;
  readonly supports: { readonly needs: readonly ObjectRef[]; readonly because: () => readonly Because[] }[];
}

/** The rights of a group are asked about for every member, so they are kept. */
const KNOWN = new WeakMap<World, Map<string, ReadonlyMap<Action, readonly BoundRight[]>>>();

const ACTIONS: ReadonlySet<Action> = new Set(Object.values(TOGETHER).flatMap(asksOf));

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
  const by = formatNode(holder);
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
        if (!known) byNode.set(key, (known = { right: { ...found, by }, action, supports: [] }));
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
