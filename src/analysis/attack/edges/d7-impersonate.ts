import { defineEdge } from '../hops/define-edge.ts';
import { byTheRight, rule } from '../hops/hops.ts';
import { all } from '../hops/groups.ts';
import { node, type AttackNode } from '../nodes.ts';
import { identityOfGroup } from '../hops/principals.ts';
import { accountsUnder } from '../hops/rights.ts';
import { asksOf, pairsHeld, TOGETHER, type HeldPair } from '../hops/same-request.ts';

const NODES = 'system:nodes';

export const impersonate = defineEdge({
  id: 'D7',
  title: 'impersonate',
  technique: ['T1078'],
  cost: 1,
  from: ['impersonate serviceaccounts', 'impersonate users', 'Identity', 'NodeIdentity', 'ClusterAdmin'],
  asks: asksOf(TOGETHER.impersonateGroup),
  *hops(from, world) {
    const because = byTheRight;
    if (from.kind === 'ClusterAdmin') {
      const asAnybody = rule('RBAC', 'an administrator may impersonate every user and every group');
      for (const to of groupsUnder(undefined)) yield { to, because: asAnybody };
    } else if (from.kind !== 'May') {
      // A group is only ever impersonated together with a user, in one request.
      for (const { both } of pairsHeld(from, world, TOGETHER.impersonateGroup))
        for (const to of [...groupsUnder(both[1].object), ...nodesUnder(both)]) yield { to, and: both, because };
    } else if (from.name === 'impersonate serviceaccounts') {
      for (const to of accountsUnder('Identity', from, world)) yield { to, because };
    } else if (from.name === 'impersonate users') {
      yield { to: from.object === undefined ? all('User') : node('Identity', from.object), because };
    }
  },
  fix: 'Remove the impersonate verb, or name the users it is for in resourceNames.',
  prove: 'Ask for an access review of impersonate.',
});

/** The Node authorizer asks for both, the name of a node and the group of all. */
function nodesUnder([user, group]: HeldPair['both']): readonly AttackNode[] {
  if (user.name !== 'impersonate users' || (group.object ?? NODES) !== NODES) return [];
  if (user.object === undefined) return [all('NodeIdentity')];
  const name = /^system:node:(.+)/.exec(user.object)?.[1];
  return name === undefined ? [] : [node('NodeIdentity', name)];
}

function groupsUnder(name: string | undefined): readonly AttackNode[] {
  if (name === undefined) return [all('Group'), node('SystemMasters')];
  return [name === 'system:masters' ? node('SystemMasters') : identityOfGroup(name)];
}
