import { formatPath } from '../../../model/because.ts';
import type { Position } from '../../../model/errors.ts';
import type { ObjectRef } from '../../../model/object.ts';
import { matches } from '../../../model/selectors.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import type { Endpoint, NetworkAnalysis } from '../index.ts';
import type { Path, PeerTerm, Policy } from '../policy.ts';

/** What a lint looks at. */
export interface LintInput {
  readonly snapshot: Snapshot;
  readonly analysis: NetworkAnalysis;
}

/** One thing wrong or doubtful in a policy, with the pods it is about and what to do. */
export interface LintFinding {
  readonly policy: Policy;
  readonly path: Path;
  readonly message: string;
  readonly fix: string;
}

/** A known way to write a policy that does not do what its author meant. One file each; its page is docs/network/lint.md. */
export interface Lint {
  readonly id: string;
  readonly title: string;
  readonly severity: 'high' | 'medium' | 'low';
  run(input: LintInput): Iterable<LintFinding>;
}

/** A finding as `LintReport` lists it. */
export interface LintResult {
  readonly lint: string;
  readonly severity: Lint['severity'];
  readonly object: ObjectRef;
  readonly path: string;
  readonly message: string;
  readonly fix: string;
  readonly at?: Position;
}

export function runLints(lints: readonly Lint[], input: LintInput): readonly LintResult[] {
  return lints.flatMap((lint) =>
    [...lint.run(input)].map(({ policy, path, message, fix }) => {
      const at = input.snapshot.locate(policy.resource, path);
      return {
        lint: lint.id,
        severity: lint.severity,
        object: policy.ref,
        path: formatPath(path),
        message,
        fix,
        ...(at ? { at } : {}),
      };
    }),
  );
}

/** The policies of the namespace tier that the API server would take. */
export function namespacePolicies({ analysis }: LintInput): readonly Policy[] {
  return analysis.policies.filter((policy) => policy.tier === 'namespace' && !policy.invalid);
}

/** The pods a term or subject names, by its labels. */
export function podsOf(
  { analysis }: LintInput,
  term: Pick<PeerTerm & { readonly kind: 'pods' }, 'namespaces' | 'pods'>,
): readonly Endpoint[] {
  const { namespaces, pods } = term;
  return analysis.workloads.flatMap((workload) => {
    const namespace = analysis.namespaces.get(workload.namespace);
    const inside =
      namespaces.kind === 'name'
        ? namespaces.name === workload.namespace
        : namespace !== undefined && matches(namespaces.selector, namespace.labels);
    return inside ? workload.endpoints.filter((endpoint) => matches(pods, endpoint.labels)) : [];
  });
}

/** At most three names, then how many more. */
export function some(names: Iterable<string>): string {
  const all = [...new Set(names)];
  return all.length <= 3 ? all.join(', ') : `${all.slice(0, 3).join(', ')} and ${all.length - 3} more`;
}
