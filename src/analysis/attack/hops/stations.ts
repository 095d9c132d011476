import type { Because } from '../../../model/because.ts';
import type { BoundRole } from '../facts/access-facts.ts';
import { may, rightInNamespace, type ParsedAction } from './actions.ts';
import { membersOf } from './groups.ts';
import type { EdgeDefinition, Hop } from './define-edge.ts';
import { ADMINISTRATOR_RULES } from './administrators.ts';
import { byTheRight, rule } from './hops.ts';
import { CONTROLLER_ACTIONS } from './new-pods.ts';
import type { AttackNode } from '../nodes.ts';
import { powersHeld } from './powers.ts';
import { isNode } from './principals.ts';
import { becauseOfBinding, becauseOfRule } from './reasons.ts';
import { requesterRights } from './same-request.ts';
import { someRoleOf } from '../world/role-stations.ts';
import type { World } from '../world/world.ts';

/**
 * The hops between stations, which every edge on the API rests on: a subject has the roles bound to it, a role has
 * rights, and who holds all of a group holds each member. Each support of a right is a hop of its own, so an object is
 * essential just when no other support is left without it.
 */
export const STATION_EDGES: readonly EdgeDefinition[] = [
  station('bound', ['Identity', 'NodeIdentity'], function* (from, world) {
    for (const bound of world.roles.of(from)) {
      const because = (): readonly Because[] => [becauseOfBinding(bound, from)];
      if (isNode(from) && world.apiServer().restrictsNodes) yield* rightsOfNode(bound, because, world);
      else yield { to: world.roles.stationOf(bound), needs: [bound.binding], because };
    }
  }),
  station('requester', ['Identity', 'NodeIdentity'], requesterRights),
  station('powers', ['Identity', 'NodeIdentity'], powersHeld),
  station('role', ['Role'], function* (from, world) {
    const bound = world.roles.at(from);
    if (!bound) return;
    const { role } = bound;
    const { kind, namespace } = role.ref;
    if (kind === 'Role' && namespace !== undefined)
      yield { to: someRoleOf(namespace), needs: [role.ref], because: byTheRight };
    for (const [index, rights] of world.rules.rightsOf(role).entries()) {
      const writtenIn = role.writtenIn?.[index]?.role;
      const needs = writtenIn ? [role.ref, writtenIn] : [role.ref];
      const because = (): readonly Because[] => [becauseOfRule(bound, index)];
      for (const right of rights) {
        const to = rightInNamespace(right, from.namespace);
        if (to && isOfUse(to, world)) yield { to, needs, because };
      }
    }
  }),
  station('administrator', ['ClusterAdmin', 'NamespaceAdmin'], function* (from, world) {
    if (from.kind === 'ClusterAdmin') {
      const because = rule('RBAC', 'an administrator may do everything everywhere');
      for (const action of world.rules.actions) yield { to: may(action), because };
      return;
    }
    const because = rule('RBAC', `an administrator of ${from.namespace} may do this in it`);
    for (const right of ADMINISTRATOR_RULES.flatMap((one) => world.rules.rightsIn(one))) {
      const to = rightInNamespace(right, from.namespace);
      if (to && isOfUse(to, world)) yield { to, because };
    }
  }),
  station('member', ['All'], function* (from, world) {
    for (const { node: to, needs } of membersOf(from, world)) yield { to, needs, because: byTheRight };
  }),
];

/** Who may create pods makes none where a quota is for none. */
function isOfUse({ name = '', namespace }: AttackNode, world: World): boolean {
  return namespace === undefined || !NEW_PODS.has(name) || world.takesPods(namespace);
}

const NEW_PODS: ReadonlySet<string> = new Set(['create pods', ...CONTROLLER_ACTIONS]);

/** A role bound to nodes gives them its rights but for those that NodeRestriction keeps to what is theirs. */
function* rightsOfNode(bound: BoundRole, why: Hop['because'], world: World): Generator<Hop> {
  const { role, namespace, binding } = bound;
  for (const [index, rights] of world.rules.rightsOf(role).entries()) {
    const writtenIn = role.writtenIn?.[index]?.role;
    const needs = writtenIn ? [binding, role.ref, writtenIn] : [binding, role.ref];
    const because: Hop['because'] = () => [...why(), becauseOfRule(bound, index)];
    for (const right of rights) {
      const to = isRestricted(right.action) ? undefined : rightInNamespace(right, namespace);
      if (to) yield { to, needs, because };
    }
  }
}

/**
 * Writes that a node may only do to itself and its own pods, which it has anyhow. Exec and the like are connections, which the
 * plugin is not asked about. Source: kubernetes plugin/pkg/admission/noderestriction/admission.go.
 */
function isRestricted({ verb, group, resource, subresource }: ParsedAction): boolean {
  if (group !== '' || ['get', 'list', 'watch'].includes(verb)) return false;
  if (['exec', 'attach', 'portforward', 'proxy'].includes(subresource)) return false;
  return (
    ['pods', 'nodes', 'bindings'].includes(resource) || (resource === 'serviceaccounts' && subresource === 'token')
  );
}

const STATIONS: ReadonlySet<EdgeDefinition> = new Set(STATION_EDGES);

/** Whether a hop is the engine's own, and is folded into the hops beside it where a path is shown. */
export function isStationEdge(edge: EdgeDefinition): boolean {
  return STATIONS.has(edge);
}

function station(id: string, from: EdgeDefinition['from'], hops: EdgeDefinition['hops']): EdgeDefinition {
  return { id, title: '', technique: [], cost: 0, from, hops, fix: '', prove: '' };
}
