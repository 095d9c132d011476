import { record } from '../../../model/json.ts';
import { replace } from './change.ts';
import { namespacePolicies, podsOf, some, written, type Lint } from './define-lint.ts';

/** A rule without `from` and `ports` lets everyone in, inside and outside the cluster, and is often meant as nobody. */
export const openToEveryone: Lint = {
  id: 'open-to-everyone',
  title: 'A rule without peers or ports allows everyone everything',
  severity: 'high',
  *run(input) {
    for (const policy of namespacePolicies(input)) {
      for (const rule of policy.rules.ingress) {
        if (rule.ports !== 'all' || rule.peers.some(({ term }) => term.kind !== 'everyone')) continue;
        const pods = podsOf(input, policy.subject);
        const as = Object.hasOwn(record(written(policy, rule.path)), 'from') ? 'from: []' : '{}';
        yield {
          policy,
          path: rule.path,
          pods,
          message: `${as} lets everyone, also from outside the cluster, reach every port of ${some(pods) || 'the pods it selects'}`,
          fix: {
            says: 'Name who may: the pods of the cluster as here, or better the few that need it.',
            changes: [replace(policy.ref, [...rule.path], { from: [{ namespaceSelector: {} }] })],
          },
        };
      }
    }
  },
};
