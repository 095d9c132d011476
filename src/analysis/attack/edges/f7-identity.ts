import { administersNamespace, allowsEverything, rulesThatAdminister } from '../hops/administrators.ts';
import { defineEdge, type Hop } from '../hops/define-edge.ts';
import { all } from '../hops/groups.ts';
import { rule } from '../hops/hops.ts';
import { API_REACH, node, type AttackNode } from '../nodes.ts';
import { groupOfIdentity, groupsOf, identityOfAccount, identityOfGroup } from '../hops/principals.ts';
import type { BoundRole } from '../facts/access-facts.ts';
import { becauseOfBinding, becauseOfRule } from '../hops/reasons.ts';
import type { World } from '../world/world.ts';

export const identity = defineEdge({
  id: 'F7',
  title: 'a token is its service account, its user name and its groups; who may do everything is an administrator',
  technique: ['T1078'],
  cost: 0,
  from: ['Token', 'Identity', 'NodeIdentity', 'SystemMasters', 'ClusterAdmin'],
  *hops(from, world) {
    switch (from.kind) {
      case 'SystemMasters':
        yield {
          to: node('ClusterAdmin'),
          because: rule('RBAC', 'system:masters may do everything, whatever is bound'),
        };
        return;
      case 'ClusterAdmin':
        yield {
          to: all('NamespaceAdmin'),
          because: rule('RBAC', 'an administrator of the cluster is one of every namespace'),
        };
        return;
      case 'Token':
        if (from.namespace === undefined || from.name === undefined) return;
        yield {
          to: identityOfAccount(from.namespace, from.name),
          and: [API_REACH],
          because: rule(
            'authentication',
            `the token makes its holder system:serviceaccount:${from.namespace}:${from.name}`,
          ),
        };
        return;
      default:
        yield* memberships(from, world);
        for (const bound of world.roles.of(from)) yield* administration(bound, from);
    }
  },
  fix: 'Bind a role that says what is needed instead of everything.',
  prove: 'Ask for an access review of * on *.',
});

/** The groups an identity is in, as far as a binding names them. */
function* memberships(from: AttackNode, world: World): Generator<Hop> {
  if (groupOfIdentity(from) === 'system:masters') {
    yield { to: node('SystemMasters'), because: rule('RBAC', 'the group system:masters is hard-coded') };
  }
  for (const group of groupsOf(from)) {
    if (!world.roles.isBoundGroup(group)) continue;
    yield {
      to: identityOfGroup(group),
      because: rule('authentication', `${from.name ?? ''} is in the group ${group}`),
    };
  }
}

function* administration(bound: BoundRole, from: AttackNode): Generator<Hop> {
  const { role, namespace } = bound;
  const needs = [bound.binding, role.ref];
  // Each rule that allows everything is enough; an administrator of a namespace is made by several together.
  const everything =
    namespace === undefined ? role.rules.flatMap((rule, index) => (allowsEverything(rule) ? [index] : [])) : [];
  for (const index of everything) {
    const because: Hop['because'] = () => [becauseOfBinding(bound, from), becauseOfRule(bound, index)];
    yield { to: node('ClusterAdmin'), needs, because };
  }
  if (everything.length > 0 || !administersNamespace(role)) return;
  const to = namespace === undefined ? all('NamespaceAdmin') : node('NamespaceAdmin', undefined, namespace);
  const because: Hop['because'] = () => [
    becauseOfBinding(bound, from),
    ...rulesThatAdminister(role).map((index) => becauseOfRule(bound, index)),
  ];
  yield { to, needs, because };
}
