import { isRecord, stringMap } from '../../../model/json.ts';
import { kindKey, type KindKey, type KubernetesObject } from '../../../model/object.ts';
import type { Cause } from '../http/status.ts';
import type { ApiKind } from '../kinds.ts';
import { sameJson } from '../objects.ts';
import { forbiddenField, invalidValue, required } from './causes.ts';
import { dnsLabel, dnsLabel1035, dnsSubdomain, labels, pathSegment } from './names.ts';
import { validateNetworkPolicy } from './network-policy.ts';
import { validatePod, validatePodChange } from './pod.ts';
import { validateRoleBinding, validateRole } from './rbac.ts';
import { validateService } from './service.ts';
import { validateCustomResourceDefinition, validateDisruptionBudget, validateSecret } from './others.ts';
import { validateCronJob, validateJob, validateScalable, validateScalableChange } from './workloads.ts';

/** What is wrong with a new or changed object, beyond its types; empty when nothing is. */
interface Rules {
  readonly check?: (object: KubernetesObject) => readonly Cause[];
  readonly checkChange?: (object: KubernetesObject, before: KubernetesObject) => readonly Cause[];
  readonly name?: (field: string, value: string) => readonly Cause[];
}

const workload: Rules = { check: validateScalable, checkChange: validateScalableChange };
const role: Rules = { check: validateRole, name: pathSegment };
const binding: Rules = {
  check: validateRoleBinding,
  name: pathSegment,
  checkChange: (object, before) =>
    sameJson(object['roleRef'], before['roleRef'])
      ? []
      : [invalidValue('roleRef', object['roleRef'], 'cannot change roleRef')],
};

const RULES: Readonly<Record<KindKey, Rules>> = {
  Pod: { check: validatePod, checkChange: validatePodChange },
  Namespace: { name: dnsLabel },
  Service: { check: validateService, name: dnsLabel1035 },
  Secret: { check: validateSecret, checkChange: immutableData },
  ConfigMap: { checkChange: immutableData },
  'Deployment.apps': workload,
  'ReplicaSet.apps': workload,
  'StatefulSet.apps': workload,
  'DaemonSet.apps': workload,
  'Job.batch': { check: validateJob },
  'CronJob.batch': { check: validateCronJob },
  'NetworkPolicy.networking.k8s.io': { check: validateNetworkPolicy },
  'Role.rbac.authorization.k8s.io': role,
  'ClusterRole.rbac.authorization.k8s.io': role,
  'RoleBinding.rbac.authorization.k8s.io': binding,
  'ClusterRoleBinding.rbac.authorization.k8s.io': binding,
  'PodDisruptionBudget.policy': { check: validateDisruptionBudget },
  'CustomResourceDefinition.apiextensions.k8s.io': { check: validateCustomResourceDefinition },
};

export function validate(
  kind: ApiKind,
  object: KubernetesObject,
  before?: KubernetesObject,
  subresource = '',
): readonly Cause[] {
  const rules = RULES[kindKey(object.apiVersion, object.kind)] ?? {};
  const meta = validateMeta(object, rules.name ?? dnsSubdomain, kind, before);
  if (subresource === 'status') return meta;
  return [
    ...meta,
    ...(rules.check?.(object) ?? []),
    ...(before && rules.checkChange ? rules.checkChange(object, before) : []),
  ];
}

function validateMeta(
  object: KubernetesObject,
  checkName: (field: string, value: string) => readonly Cause[],
  kind: ApiKind,
  before: KubernetesObject | undefined,
): readonly Cause[] {
  const { name, finalizers } = object.metadata;
  const generated = object.metadata['generateName'];
  return [
    ...(name ? [] : [required('metadata.name', 'name or generateName is required')]),
    ...(name && !before ? checkName('metadata.name', name) : []),
    ...(!name && typeof generated === 'string' ? checkName('metadata.generateName', generated.replace(/-$/, '')) : []),
    ...(kind.namespaced && !object.metadata.namespace ? [required('metadata.namespace')] : []),
    ...labels('metadata.labels', stringMap(object.metadata.labels)),
    ...(Array.isArray(finalizers) && before?.metadata.deletionTimestamp !== undefined
      ? newFinalizers(finalizers, before)
      : []),
  ];
}

function newFinalizers(finalizers: readonly unknown[], before: KubernetesObject): readonly Cause[] {
  const had: readonly unknown[] = Array.isArray(before.metadata['finalizers']) ? before.metadata['finalizers'] : [];
  const added = finalizers.filter((finalizer) => !had.includes(finalizer));
  if (added.length === 0) return [];
  const shown = `[]string{${added.map((one) => JSON.stringify(one)).join(', ')}}`;
  return [
    forbiddenField(
      'metadata.finalizers',
      `no new finalizers can be added if the object is being deleted, found new finalizers ${shown}`,
    ),
  ];
}

function immutableData(object: KubernetesObject, before: KubernetesObject): readonly Cause[] {
  const causes: Cause[] = [];
  if (object.kind === 'Secret' && object['type'] !== before['type']) {
    causes.push(invalidValue('type', object['type'], 'field is immutable'));
  }
  if (before['immutable'] !== true) return causes;
  if (object['immutable'] !== true)
    causes.push(forbiddenField('immutable', 'field is immutable when `immutable` is set'));
  for (const field of ['data', 'binaryData']) {
    const same = sameJson(isRecord(object[field]) ? object[field] : {}, isRecord(before[field]) ? before[field] : {});
    if (!same) causes.push(forbiddenField(field, 'field is immutable when `immutable` is set'));
  }
  return causes;
}
