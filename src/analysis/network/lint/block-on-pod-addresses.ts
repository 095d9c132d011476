import { formatRange } from '../addresses/ip.ts';
import { DIRECTIONS } from '../policies/policy.ts';
import { inside, isNarrow } from './block-on-service-addresses.ts';
import { replace } from './change.ts';
import { namespacePolicies, some, type Lint } from './define-lint.ts';
import { podIndex } from './pod-index.ts';

/** Addresses of pods come and go with them, and some implementations never match a pod by its address. */
export const blockOnPodAddresses: Lint = {
  id: 'block-on-pod-addresses',
  title: 'An ipBlock names addresses of pods',
  severity: 'medium',
  *run(input) {
    const { all } = podIndex(input.analysis);
    for (const policy of namespacePolicies(input)) {
      for (const rule of DIRECTIONS.flatMap((direction) => policy.rules[direction])) {
        for (const { term, path } of rule.peers) {
          if (term.kind !== 'block' || !isNarrow(term.range)) continue;
          const hit = all.filter(
            ({ addresses, hostNetwork }) =>
              !hostNetwork &&
              addresses.some((value) => inside(term.range, value) && !term.except.some((out) => inside(out, value))),
          );
          const [first] = hit;
          if (!first) continue;
          const same = hit.every(({ workload }) => workload === first.workload);
          yield {
            policy,
            path,
            pods: hit,
            message: `${formatRange(term.range)} holds the address of ${some(hit)}: it changes with every restart, and some implementations match no pod by address`,
            fix: {
              says: 'Name the pods by their labels.',
              ...(same
                ? {
                    changes: [
                      replace(policy.ref, path, {
                        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': first.workload.namespace } },
                        podSelector: { matchLabels: lasting(first.labels) },
                      }),
                    ],
                  }
                : {}),
            },
          };
        }
      }
    }
  },
};

/** Labels that outlive a rollout. */
function lasting(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const passing =
    /^(pod-template-hash|controller-revision-hash|pod-template-generation|statefulset\.kubernetes\.io\/pod-name|batch\.kubernetes\.io\/.*|controller-uid|job-name)$/;
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !passing.test(key)));
}
