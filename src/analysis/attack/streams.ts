import type { AttackNode } from './nodes.ts';
import type { Permission } from './permissions.ts';
import type { World } from './world.ts';

/**
 * Who may open a stream into a pod (exec, attach, portforward): `create`; before 1.35 `get` too, because a WebSocket
 * upgrade is an HTTP GET. Sources: kubernetes#78741, KEP-4006, gate AuthorizePodWebsocketUpgradeCreatePermission.
 */
export function streamPermissions(principal: AttackNode, world: World, what: string): readonly Permission[] {
  const create = world.may(principal, 'create', what);
  return world.version.major === 1 && world.version.minor < 35
    ? [...create, ...world.may(principal, 'get', what)]
    : create;
}

/** Whether a permission that may be limited to names covers one of the names of a pod. */
export function covers(permission: Permission, names: readonly string[]): boolean {
  return permission.names.length === 0 || names.some((name) => permission.names.includes(name));
}
