import { defineEdge } from '../define-edge.ts';
import { API_REACH, node } from '../nodes.ts';
import { becauseHeld, type HeldRule } from '../permissions.ts';
import { identityOfAccount } from '../world.ts';

export const identity = defineEdge({
  id: 'F7',
  title: 'a token is its service account, its user name and its groups; who may do everything is an administrator',
  technique: ['T1078'],
  cost: 0,
  from: ['Token', 'Identity', 'SystemMasters', 'ClusterAdmin'],
  *hops(from, world) {
    if (from.kind === 'SystemMasters') {
      yield {
        to: node('ClusterAdmin'),
        needs: [],
        because: [{ kind: 'rule', source: 'RBAC', says: 'system:masters may do everything, whatever is bound' }],
      };
      return;
    }
    if (from.kind === 'ClusterAdmin') {
      for (const namespace of world.namespaces()) {
        yield {
          to: node('NamespaceAdmin', undefined, namespace),
          needs: [],
          because: [
            { kind: 'rule', source: 'RBAC', says: 'an administrator of the cluster is one of every namespace' },
          ],
        };
      }
      return;
    }
    if (from.kind === 'Token') {
      if (from.namespace === undefined || from.name === undefined) return;
      yield {
        to: identityOfAccount(from.namespace, from.name),
        and: [API_REACH],
        needs: [],
        because: [
          {
            kind: 'rule',
            source: 'authentication',
            says: `the token makes its holder system:serviceaccount:${from.namespace}:${from.name}`,
          },
        ],
      };
      return;
    }
    if (from.name === 'group:system:masters') {
      yield {
        to: node('SystemMasters'),
        needs: [],
        because: [{ kind: 'rule', source: 'RBAC', says: 'the group system:masters is hard-coded' }],
      };
    }
    for (const held of world.rulesOf(from)) {
      const { binding, role } = held;
      if (!binding || !role || !administers(held)) continue;
      yield {
        to: held.namespace === undefined ? node('ClusterAdmin') : node('NamespaceAdmin', undefined, held.namespace),
        needs: [binding, role],
        because: becauseHeld(held),
      };
    }
  },
  fix: 'Bind a role that says what is needed instead of everything.',
  prove: 'Ask for an access review of * on *.',
});

/** Everything on everything; in a namespace, the role made for its administrators as well. */
function administers({ rule, role, namespace }: HeldRule): boolean {
  if (namespace !== undefined && role?.kind === 'ClusterRole' && role.name === 'admin') return true;
  return (
    [rule.verbs, rule.apiGroups, rule.resources].every((part) => part.includes('*')) && rule.resourceNames.length === 0
  );
}
