import { claimId, type Claim } from '../../claims/claim.ts';
import { namespaceOf, type Facts } from '../../claims/facts.ts';
import type { EndpointSpec } from '../../claims/schema/selection.ts';
import { selectWorkloads } from '../../claims/select.ts';
import { API_VERSION } from '../../model/api-version.ts';
import { number, record } from '../../model/json.ts';
import type { Workload } from '../../model/workloads.ts';
import { ExperimentSchema, type Experiment, type ExperimentInput } from '../schema.ts';

/** What experiments may be made of, and how far they may go. */
export interface GenerateOptions {
  /** The DaemonSet that enforces NetworkPolicy, when it is known or was found. */
  readonly agent?: { readonly namespace: string; readonly daemonSet: string };
  /** Namespaces that may be touched; kube-system and its like never are without being named here. */
  readonly namespaces: readonly string[];
  /** Most pods one experiment may hit; 3 when absent. */
  readonly maxPods?: number;
  /** How long the faults last; 15s when absent. */
  readonly during?: string;
}

type FaultInput = ExperimentInput['spec']['faults'][number];

/**
 * Experiments that break what claims rely on: isolation relies on the agent that enforces it, and on new pods being
 * isolated from their first packet; a service relies on its pods. A claim nothing here could shake gets none.
 */
export function experimentsFor(
  claims: readonly Claim[],
  facts: Facts,
  options: GenerateOptions,
): readonly Experiment[] {
  const made: Experiment[] = [];
  for (const claim of claims) {
    if (claim.kind === 'reach') made.push(...forIsolation(claim, facts, options));
    if (claim.kind === 'steadyState') made.push(...forService(claim, facts, options));
  }
  return made;
}

function forIsolation(
  claim: Extract<Claim, { kind: 'reach' }>,
  facts: Facts,
  options: GenerateOptions,
): readonly Experiment[] {
  if (claim.spec.expect === 'allowed') return [];
  const ends = [claim.spec.to].flat() as readonly EndpointSpec[];
  const targets = ends
    .filter((end) => end.pods ?? end.namespaces ?? end.workloads)
    .flatMap((end) => selectWorkloads(facts, end, claim.namespace).found);
  return targets
    .filter((target) => mayRestart(target, options))
    .slice(0, 1)
    .map((target) => {
      const pods = podTarget(target);
      const replicas = replicasOf(target);
      const faults: readonly FaultInput[] = options.agent
        ? [{ policyAgentLag: { agent: options.agent, restart: pods } }]
        : [{ podKill: { target: pods, mode: 'all' } }];
      const name = options.agent ? 'survives-a-late-policy-agent' : 'survives-a-restart';
      return experiment(
        `${claim.name}-${name}`,
        claim,
        faults,
        {
          namespaces: [namespaceOf(target), ...(options.agent ? [options.agent.namespace] : [])],
          // The pods of the agent, one a node, are touched too.
          maxPods: replicas + (options.agent ? Math.max(1, facts.snapshot.list('Node').length) : 0),
          maxNodes: options.agent ? Math.max(1, facts.snapshot.list('Node').length) : 0,
        },
        options,
      );
    });
}

function forService(
  claim: Extract<Claim, { kind: 'steadyState' }>,
  facts: Facts,
  options: GenerateOptions,
): readonly Experiment[] {
  const namespace = claim.namespace ?? 'default';
  const url = claim.spec.probe.http?.url;
  const host = url === undefined ? claim.spec.probe.connect?.host : new URL(url).hostname;
  const service = claim.spec.probe.endpoints?.service ?? host?.split('.')[0];
  const home = host?.split('.')[1] ?? namespace;
  const found = service === undefined ? undefined : facts.snapshot.get('Service', home, service);
  const selector = Object.entries(record(record(found?.object['spec'])['selector']));
  if (selector.length === 0) return [];
  const behind = facts.workloads.filter(
    (workload) =>
      namespaceOf(workload) === home && selector.every(([key, value]) => workload.template.labels[key] === value),
  );
  return behind
    .filter((workload) => mayRestart(workload, options))
    .slice(0, 1)
    .map((workload) =>
      experiment(
        `${claim.name}-survives-a-pod-kill`,
        claim,
        [{ podKill: { target: podTarget(workload), mode: 'one' } }],
        { namespaces: [home], maxPods: 1, maxNodes: 0 },
        options,
      ),
    );
}

function experiment(
  name: string,
  claim: Claim,
  faults: readonly FaultInput[],
  blastRadius: Experiment['spec']['blastRadius'],
  options: GenerateOptions,
): Experiment {
  return ExperimentSchema.parse({
    apiVersion: API_VERSION,
    kind: 'Experiment',
    metadata: { name },
    spec: {
      hypothesis: [{ claim: claimId(claim) }],
      faults: [...faults],
      design: { kind: 'single', before: '3s', during: options.during ?? '15s', after: '10s' },
      blastRadius: { ...blastRadius, namespaces: [...new Set(blastRadius.namespaces)] },
      ttl: '5m',
    },
  } satisfies ExperimentInput);
}

/** Something brings its pods back, in a namespace that may be touched, and they are not too many. */
function mayRestart(workload: Workload, options: GenerateOptions): boolean {
  const controlled =
    workload.ref.kind === 'Deployment' || workload.ref.kind === 'StatefulSet' || workload.ref.kind === 'ReplicaSet';
  return (
    controlled && options.namespaces.includes(namespaceOf(workload)) && replicasOf(workload) <= (options.maxPods ?? 3)
  );
}

function replicasOf(workload: Workload): number {
  return workload.pods.length || (number(record(workload.resource?.object['spec'])['replicas']) ?? 1);
}

function podTarget(workload: Workload): { namespace: string; pods: { matchLabels: Record<string, string> } } {
  return { namespace: namespaceOf(workload), pods: { matchLabels: { ...workload.template.labels } } };
}
