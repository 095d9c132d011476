import { decideAdmission } from '../../analysis/admission/pod-security/decide.ts';
import { podSecurityLabel } from '../../analysis/admission/pod-security/namespace-policy.ts';
import { becauseOfGap, type Because } from '../../model/because.ts';
import type { KindKey, KubernetesObject } from '../../model/object.ts';
import type { Workload } from '../../model/workloads.ts';
import type { Facts } from '../facts.ts';

/** Whether an object would be admitted, and why. */
export interface AdmissionAnswer {
  readonly allowed: boolean | 'unknown';
  readonly because: readonly Because[];
}

/** Everything that may refuse an object besides the built-in Pod Security. */
const OTHER_GATES: readonly KindKey[] = [
  'ValidatingAdmissionPolicy.admissionregistration.k8s.io',
  'ValidatingWebhookConfiguration.admissionregistration.k8s.io',
  'MutatingWebhookConfiguration.admissionregistration.k8s.io',
  'MutatingAdmissionPolicy.admissionregistration.k8s.io',
];

/** Kinds without which what gets in can't be said. */
export const GATE_KINDS: readonly KindKey[] = ['Namespace', ...OTHER_GATES];

/**
 * Whether a pod would be let into a namespace. Pod Security decides a refusal by itself; a pod it lets through may
 * still be refused, or changed, by a policy or webhook that applies to pods, and then the answer is unknown.
 */
export function admits(facts: Facts, object: KubernetesObject, namespace: string): AdmissionAnswer {
  const { snapshot } = facts;
  const known = facts.namespaces.get(namespace);
  const labels = known?.read === true ? known.labels : undefined;
  const minor = snapshot.kubernetesVersion?.minor;
  const decision = decideAdmission(object, labels, minor === undefined ? {} : { serverMinor: minor });
  const gates = [...gatesInTheWay(facts), ...snapshot.gaps(OTHER_GATES).map(becauseOfGap)];
  if (decision.decision === 'unknown') {
    const gaps = snapshot.gaps(['Namespace'], namespace).map(becauseOfGap);
    const missing: Because = {
      kind: 'absence',
      of: `Namespace ${namespace}`,
      says: `no Namespace ${namespace} was given, so its Pod Security labels are not known; add the Namespace or read the cluster`,
    };
    return { allowed: 'unknown', because: gaps.length > 0 ? gaps : [missing] };
  }
  const ownLabel = labelBecause(facts, namespace);
  if (decision.decision === 'denied')
    return {
      allowed: false,
      because: [...ownLabel, ...decision.because.filter(isViolation).slice(0, 1), ...assumptions(decision.because)],
    };
  if (gates.length > 0) return { allowed: 'unknown', because: gates };
  return { allowed: true, because: [...ownLabel, ...assumptions(decision.because)] };
}

/** A pod as the workload's controller would create it. */
export function podObject({ ref, template }: Workload): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: ref.name,
      ...(ref.namespace === undefined ? {} : { namespace: ref.namespace }),
      labels: template.labels,
      annotations: template.annotations,
    },
    spec: template.spec,
  };
}

function isViolation(because: Because): boolean {
  return because.kind === 'field';
}

function assumptions(because: readonly Because[]): readonly Because[] {
  return because.filter(({ kind }) => kind === 'parameter');
}

/** The label that decides, or its absence. */
function labelBecause(facts: Facts, namespace: string): readonly Because[] {
  const resource = facts.snapshot.get('Namespace', undefined, namespace);
  if (!resource) return [];
  const label = podSecurityLabel('enforce');
  const value = facts.namespaces.get(namespace)?.labels[label];
  if (value === undefined) {
    return [
      {
        kind: 'absence',
        of: label,
        says: `Namespace ${namespace} has no label ${label}, so Pod Security refuses nothing there`,
      },
    ];
  }
  const path = ['metadata', 'labels', label];
  const at = facts.snapshot.locate(resource, path);
  return [
    {
      kind: 'field',
      object: { apiVersion: 'v1', kind: 'Namespace', name: namespace },
      path: `metadata.labels['${label}']`,
      value,
      says: `Namespace ${namespace} enforces Pod Security ${value}`,
      ...(at ? { at } : {}),
    },
  ];
}

/** Policies and webhooks whose rules may cover pods: what they would say is theirs to know. */
function gatesInTheWay({ snapshot }: Facts): readonly Because[] {
  return OTHER_GATES.flatMap((kind) =>
    snapshot.list(kind).map(({ object }): Because => ({
      kind: 'parameter',
      parameter: `${object.kind} ${object.metadata.name}`,
      says: `${object.kind} ${object.metadata.name} may refuse or change the pod; what it would do is not evaluated here`,
    })),
  );
}
