import { replace } from './change.ts';
import { namespacePolicies, someNames, type Lint } from './define-lint.ts';
import { selectorsOf, withRequirement } from './selectors-of.ts';

const NAME_LABEL = 'kubernetes.io/metadata.name';

/** Namespaces have no label `name` unless somebody gives them one; every one has `kubernetes.io/metadata.name`. */
export const namespaceNameLabel: Lint = {
  id: 'namespace-name-label',
  title: 'A namespace is selected by a name label it does not have',
  severity: 'high',
  insteadOf: ['peer-matches-nothing', 'label-typo'],
  *run(input) {
    const { namespaces } = input.analysis;
    if (input.snapshot.gaps(['Namespace']).length > 0) return;
    for (const policy of namespacePolicies(input)) {
      for (const { path, selector, of } of selectorsOf(policy, input.analysis)) {
        if (of !== 'namespaces') continue;
        for (const requirement of selector) {
          if (requirement.operator !== 'In' || requirement.key === NAME_LABEL) continue;
          const meant = requirement.values.filter(
            (value) => namespaces.has(value) && namespaces.get(value)?.labels[requirement.key] === undefined,
          );
          if (meant.length < requirement.values.length) continue;
          yield {
            policy,
            path,
            message: `namespace ${someNames(meant)} has no label ${requirement.key}, so it is not selected`,
            fix: {
              says: `Use ${NAME_LABEL}, which Kubernetes puts on every namespace.`,
              changes: [
                replace(
                  policy.ref,
                  path,
                  withRequirement(policy, path, requirement, { ...requirement, key: NAME_LABEL }),
                ),
              ],
            },
          };
        }
      }
    }
  },
};
