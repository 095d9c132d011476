import { at } from '../../../model/json.ts';
import type { Severity } from '../../../model/because.ts';
import { podMakers } from '../../../model/pod-makers.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import type { Endpoint, NetworkAnalysis } from '../index.ts';
import type { Direction, NamespaceScope, Path, PeerTerm, Policy, PolicyRule } from '../policies/policy.ts';
import type { Change } from './change.ts';
import { podIndex } from './pod-index.ts';

/** What a lint looks at. */
export interface LintInput {
  readonly snapshot: Snapshot;
  readonly analysis: NetworkAnalysis;
}

/** What would mend a finding: a sentence, and the changes to objects where there are any to make. */
export interface Fix {
  readonly says: string;
  readonly changes?: readonly Change[];
}

/** One thing wrong or doubtful in a policy, with the pods it is about and what to do. */
export interface LintFinding {
  readonly policy: Policy;
  readonly path: Path;
  readonly message: string;
  /** The pods that suffer, as workloads `namespace/name[Kind]`. */
  readonly pods?: readonly Endpoint[];
  readonly fix: Fix;
}

/** A known way to write a policy that does not do what its author meant. One file each; its page is docs/network/lints/<id>.md. */
export interface Lint {
  readonly id: string;
  readonly title: string;
  readonly severity: Exclude<Severity, 'critical'>;
  /** Lints whose finding at the same policy says the same less precisely: this one's takes its place. */
  readonly insteadOf?: readonly string[];
  run(input: LintInput): Iterable<LintFinding>;
}

/** The NetworkPolicies that the API server would take. */
export function namespacePolicies({ analysis }: LintInput): readonly Policy[] {
  return analysis.policies.filter(
    ({ tier, invalid, ref }) => tier === 'namespace' && !invalid && ref.kind === 'NetworkPolicy',
  );
}

/** The pods a term or subject names, by its labels. */
export function podsOf(
  { analysis }: LintInput,
  { namespaces, pods }: Pick<PeerTerm & { readonly kind: 'pods' }, 'namespaces' | 'pods'>,
): readonly Endpoint[] {
  return podIndex(analysis).select(namespaces, pods);
}

/** Whether something is not known about pods and namespaces, so that "no pod" may be wrong. */
export function podsUnknown({ snapshot }: LintInput): boolean {
  const gaps = snapshot.gaps(['Pod', 'Namespace', 'Deployment.apps', 'StatefulSet.apps', 'DaemonSet.apps']);
  return gaps.length > 0 || podMakers(snapshot).length > 0;
}

/** The namespace a policy of the namespace tier is in. */
export function homeOf(policy: Policy): string {
  return policy.ref.namespace ?? 'default';
}

export function home(policy: Policy): NamespaceScope {
  return { kind: 'name', name: homeOf(policy) };
}

/** What is written at a path of a policy. */
export function written(policy: Policy, path: Path): unknown {
  return at(policy.resource.object, ...path);
}

/** Where the peers of a rule are written. */
export function peersPath(rule: PolicyRule, direction: Direction): Path {
  return [...rule.path, direction === 'ingress' ? 'from' : 'to'];
}

/** Workloads of pods, at most three names, then how many more. */
export function some(pods: Iterable<Endpoint>): string {
  return someNames([...pods].map(({ workload }) => workload.id));
}

export function someNames(names: Iterable<string>): string {
  const all = [...new Set(names)].sort();
  return all.length <= 3 ? all.join(', ') : `${all.slice(0, 3).join(', ')} and ${all.length - 3} more`;
}

/** Such a policy holds for the pods of tomorrow too, which policies for some labels don't: beside them it is not needless. */
export function selectsEveryPod({ subject }: Policy): boolean {
  return subject.pods.length === 0 && subject.alternatives === undefined;
}
