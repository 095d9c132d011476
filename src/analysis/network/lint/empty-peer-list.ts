import { list, record } from '../../../model/json.ts';
import { DIRECTIONS } from '../policies/policy.ts';
import { replace } from './change.ts';
import { namespacePolicies, peersPath, podsOf, some, written, type Lint } from './define-lint.ts';

/** An empty list of peers means everyone, like leaving it out, and not nobody. */
export const emptyPeerList: Lint = {
  id: 'empty-peer-list',
  title: 'An empty from or to means everyone',
  severity: 'medium',
  *run(input) {
    for (const policy of namespacePolicies(input)) {
      for (const direction of DIRECTIONS) {
        for (const rule of policy.rules[direction]) {
          const path = peersPath(rule, direction);
          const field = String(path.at(-1));
          const raw = record(written(policy, rule.path));
          // Without ports too it is open-to-everyone.
          if (!Object.hasOwn(raw, field) || list(raw[field]).length > 0) continue;
          if (direction === 'ingress' && rule.ports === 'all') continue;
          const pods = podsOf(input, policy.subject);
          const reach = direction === 'ingress' ? 'everyone may reach' : 'these may reach everyone:';
          yield {
            policy,
            path,
            pods,
            message: `${field}: [] is not "nobody": on the ports of this rule ${reach} ${some(pods) || 'the pods it selects'}`,
            fix: {
              says: 'Name the peers: every pod of the cluster as here, or better the few that are meant; take the rule out to mean nobody.',
              changes: [replace(policy.ref, path, [{ namespaceSelector: {} }])],
            },
          };
        }
      }
    }
  },
};
