import type { CompiledRole } from '../../access/objects.ts';
import { subjectKey } from '../../access/subjects.ts';
import type { AccessFacts, BoundRole, HeldRole } from '../facts/access-facts.ts';
import { node, type AttackNode } from '../nodes.ts';
import { subjectAt } from '../hops/principals.ts';

/** Roles as stations of the graph: what somebody holds to whom a role is bound. */
export interface RoleStations {
  /** The roles bound to this identity itself. */
  of(principal: AttackNode): readonly BoundRole[];
  /** The station of somebody who holds a role where it is bound; the same one for every binding. */
  stationOf(held: HeldRole): AttackNode;
  /** The role a station stands for, and where it counts. */
  at(station: AttackNode): HeldRole | undefined;
  /** Whether some binding names the group: otherwise being in it gives nothing. */
  isBoundGroup(name: string): boolean;
}

/** The station of somebody who has some Role of a namespace, whichever. */
export function someRoleOf(namespace: string): AttackNode {
  return node('Role', 'some', namespace);
}

export function roleStations(grants: AccessFacts): RoleStations {
  const stations = new Map<CompiledRole, Map<string | undefined, AttackNode>>();
  return {
    of(principal) {
      const subject = subjectAt(principal);
      return subject ? grants.rolesOf(subject) : [];
    },
    stationOf({ role, namespace }) {
      let ofRole = stations.get(role);
      if (!ofRole) stations.set(role, (ofRole = new Map()));
      let station = ofRole.get(namespace);
      if (!station) ofRole.set(namespace, (station = node('Role', `${role.ref.kind}/${role.ref.name}`, namespace)));
      return station;
    },
    at({ name = '', namespace }) {
      const slash = name.indexOf('/');
      if (slash < 0) return undefined;
      const kind = name.slice(0, slash);
      const role = grants.role(kind, kind === 'Role' ? (namespace ?? '') : '', name.slice(slash + 1));
      return role && { role, namespace };
    },
    isBoundGroup: (name) => grants.bindingsFor(subjectKey({ kind: 'Group', name })).length > 0,
  };
}
