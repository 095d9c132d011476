import { defineEdge, type Hop } from '../define-edge.ts';
import { PRINCIPALS } from '../hops.ts';
import { node } from '../nodes.ts';
import type { Permission } from '../permissions.ts';
import { identityOfAccount } from '../world.ts';

export const impersonate = defineEdge({
  id: 'D7',
  title: 'impersonate',
  technique: ['T1078'],
  cost: 1,
  from: PRINCIPALS,
  *hops(from, world): Generator<Hop> {
    const accounts = world.may(from, 'impersonate', 'serviceaccounts');
    for (const permission of accounts) {
      for (const account of world.accountsIn(permission.namespace)) {
        if (permission.names.length > 0 && !permission.names.includes(account.name)) continue;
        yield {
          to: identityOfAccount(account.namespace, account.name),
          needs: permission.needs,
          because: permission.because,
        };
      }
    }
    const everywhere = (permission: Permission): boolean => permission.namespace === undefined;
    const users = world.may(from, 'impersonate', 'users').filter(everywhere);
    for (const permission of users) {
      const known = world
        .principals()
        .flatMap(({ kind, name }) =>
          kind === 'Identity' && name !== undefined && !/^(group:|system:serviceaccount:)/.test(name) ? [name] : [],
        );
      for (const name of permission.names.length > 0 ? permission.names : known) {
        yield { to: node('Identity', name), needs: permission.needs, because: permission.because };
      }
    }
    // A group is only ever impersonated together with a user.
    const someone = users[0] ?? accounts[0];
    if (!someone) return;
    for (const permission of world.may(from, 'impersonate', 'groups').filter(everywhere)) {
      const known = world
        .principals()
        .flatMap(({ kind, name }) =>
          kind === 'Identity' && name?.startsWith('group:') ? [name.slice('group:'.length)] : [],
        );
      const groups = permission.names.length > 0 ? permission.names : [...new Set([...known, 'system:masters'])];
      for (const group of groups) {
        const needs = [...permission.needs, ...someone.needs];
        const because = [...permission.because, ...someone.because];
        yield {
          to: group === 'system:masters' ? node('SystemMasters') : node('Identity', `group:${group}`),
          needs,
          because,
        };
      }
    }
  },
  fix: 'Remove the impersonate verb, or name the users it is for in resourceNames.',
  prove: 'Ask for an access review of impersonate.',
});
