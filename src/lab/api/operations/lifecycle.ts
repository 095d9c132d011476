import { at, list, record, strings, text } from '../../../model/json.ts';
import { kindKey, type KindKey, type KubernetesObject } from '../../../model/object.ts';
import { qosClass } from '../../qos-class.ts';
import { timestamp, type Core } from '../core.ts';
import { apiVersionOf, KINDS, type ApiKind } from '../kinds.ts';
import { child, copy, type Draft } from '../objects.ts';
import { allocateServiceAddresses } from './service-addresses.ts';

/** Built-in kinds whose `metadata.generation` counts changes of the spec; custom kinds all do. */
const GENERATED: ReadonlySet<KindKey> = new Set([
  'Pod',
  'ReplicationController',
  'DaemonSet.apps',
  'Deployment.apps',
  'ReplicaSet.apps',
  'StatefulSet.apps',
  'CronJob.batch',
  'Job.batch',
  'EndpointSlice.discovery.k8s.io',
  'Ingress.networking.k8s.io',
  'IngressClass.networking.k8s.io',
  'NetworkPolicy.networking.k8s.io',
  'PodDisruptionBudget.policy',
  'PriorityClass.scheduling.k8s.io',
  'CustomResourceDefinition.apiextensions.k8s.io',
  'MutatingAdmissionPolicy.admissionregistration.k8s.io',
  'MutatingAdmissionPolicyBinding.admissionregistration.k8s.io',
  'MutatingWebhookConfiguration.admissionregistration.k8s.io',
  'ValidatingAdmissionPolicy.admissionregistration.k8s.io',
  'ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io',
  'ValidatingWebhookConfiguration.admissionregistration.k8s.io',
]);

const BUILT_IN: ReadonlySet<KindKey> = new Set(KINDS.map((kind) => kindKey(apiVersionOf(kind), kind.kind)));

export function hasGeneration(kind: ApiKind): boolean {
  const key = kindKey(apiVersionOf(kind), kind.kind);
  return GENERATED.has(key) || !BUILT_IN.has(key);
}

/** What the server itself writes into a new object. */
export function finishCreate(core: Core, draft: Draft): void {
  FINISH[kindKey(draft.apiVersion, draft.kind)]?.(core, draft, undefined);
}

/** What the server itself writes into a changed object, and what it does not let go. */
export function finishUpdate(core: Core, draft: Draft, before: KubernetesObject, subresource: string): void {
  if (subresource === '') FINISH[kindKey(draft.apiVersion, draft.kind)]?.(core, draft, before);
}

/** Deprecated since apps/v1, and still written. */
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';

type Finish = (core: Core, draft: Draft, before: KubernetesObject | undefined) => void;

const FINISH: Readonly<Record<KindKey, Finish>> = {
  Pod(_core, draft, before) {
    if (!before) draft['status'] = { phase: 'Pending', qosClass: qosClass(draft) };
  },
  Namespace(_core, draft, before) {
    if (before) {
      // Only /finalize changes the namespace's own finalizers.
      draft['spec'] = copy(before)['spec'];
      return;
    }
    draft['spec'] = { finalizers: ['kubernetes'] };
    draft['status'] = { phase: 'Active' };
  },
  Secret(_core, draft) {
    const written = record(draft['stringData']);
    if (Object.keys(written).length > 0) {
      const data = child(draft, 'data');
      for (const [key, value] of Object.entries(written)) data[key] = Buffer.from(text(value) ?? '').toString('base64');
    }
    delete draft['stringData'];
  },
  Service(core, draft, before) {
    allocateServiceAddresses(core, draft, before);
    if (!before) draft['status'] = { loadBalancer: {} };
  },
  'Ingress.networking.k8s.io'(_core, draft, before) {
    if (!before) draft['status'] = { loadBalancer: {} };
  },
  'NetworkPolicy.networking.k8s.io'(_core, draft) {
    delete draft['status'];
  },
  'DaemonSet.apps'(_core, draft, before) {
    const generation = before?.metadata.annotations?.[TEMPLATE_GENERATION] ?? '1';
    draft.metadata.annotations = { ...draft.metadata.annotations, [TEMPLATE_GENERATION]: generation };
  },
  PersistentVolumeClaim: pendingPhase,
  PersistentVolume: pendingPhase,
  'CustomResourceDefinition.apiextensions.k8s.io'(core, draft, before) {
    if (before) return;
    const now = timestamp(core.now());
    const condition = (type: string, reason: string, message: string): unknown => ({
      type,
      status: 'True',
      lastTransitionTime: now,
      reason,
      message,
    });
    draft['status'] = {
      conditions: [
        condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
        condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
      ],
      acceptedNames: at(draft, 'spec', 'names'),
      storedVersions: list(at(draft, 'spec', 'versions')).flatMap((version) =>
        at(version, 'storage') === true ? [at(version, 'name')] : [],
      ),
    };
  },
};

function pendingPhase(_core: Core, draft: Draft, before: KubernetesObject | undefined): void {
  if (!before) draft['status'] = { phase: 'Pending' };
}

/** What an object shows of its own when its deletion has begun. */
export function markTerminating(kind: ApiKind, draft: Draft): void {
  if (kind.kind !== 'Namespace' || kind.group !== '') return;
  child(draft, 'status')['phase'] = 'Terminating';
}

/** PUT /namespaces/NAME/finalize: the controller says that everything in it is gone. */
export function finalizeNamespace(draft: Draft, body: unknown): Draft {
  draft['spec'] = { finalizers: strings(at(body, 'spec', 'finalizers')) };
  return draft;
}
