import { may } from '../hops/actions.ts';
import { node, type AttackNode } from '../nodes.ts';

const CLUSTER_ADMIN = [node('ClusterAdmin')];
const NONE: readonly AttackNode[] = [];

/**
 * Nodes that give at least what this one gives, at no higher cost: the same right on more, the same role in more places, and an
 * administrator of the cluster for everybody who only has rights on the API. Who holds one of them need not look at this one.
 */
export function dominatorsOf({ kind, name, namespace, object, by }: AttackNode): readonly AttackNode[] {
  switch (kind) {
    case 'Identity':
    case 'NamespaceAdmin':
      return CLUSTER_ADMIN;
    case 'Shell':
      return object === undefined ? NONE : [node('Shell', name, namespace)];
    case 'Role':
      return namespace === undefined ? CLUSTER_ADMIN : [...CLUSTER_ADMIN, node('Role', name)];
    case 'May': {
      if (by !== undefined) return NONE;
      const action = name as Parameters<typeof may>[0];
      const wider: AttackNode[] = [];
      if (namespace !== undefined || object !== undefined) wider.push(may(action));
      if (namespace !== undefined && object !== undefined)
        wider.push(may(action, namespace), may(action, undefined, object));
      return wider;
    }
    default:
      return NONE;
  }
}
