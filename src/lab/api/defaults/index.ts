import { kindKey, type KindKey } from '../../../model/object.ts';
import type { Draft } from '../objects.ts';
import {
  defaultAdmissionPolicy,
  defaultAdmissionPolicyBinding,
  defaultAutoscaler,
  defaultBinding,
  defaultCustomResourceDefinition,
  defaultIngress,
  defaultNamespace,
  defaultNetworkPolicy,
  defaultPersistentVolume,
  defaultPersistentVolumeClaim,
  defaultRole,
  defaultSecret,
  defaultService,
  defaultStorageClass,
  defaultWebhooks,
} from './others.ts';
import { defaultPod } from './pod.ts';
import {
  defaultCronJob,
  defaultDaemonSet,
  defaultDeployment,
  defaultJob,
  defaultReplicaSet,
  defaultReplicationController,
  defaultStatefulSet,
} from './workloads.ts';

const DEFAULTS: Readonly<Record<KindKey, (draft: Draft) => void>> = {
  Pod: defaultPod,
  Namespace: defaultNamespace,
  Secret: defaultSecret,
  Service: defaultService,
  PersistentVolume: defaultPersistentVolume,
  PersistentVolumeClaim: defaultPersistentVolumeClaim,
  ReplicationController: defaultReplicationController,
  'Deployment.apps': defaultDeployment,
  'ReplicaSet.apps': defaultReplicaSet,
  'StatefulSet.apps': defaultStatefulSet,
  'DaemonSet.apps': defaultDaemonSet,
  'Job.batch': defaultJob,
  'CronJob.batch': defaultCronJob,
  'NetworkPolicy.networking.k8s.io': defaultNetworkPolicy,
  'Ingress.networking.k8s.io': defaultIngress,
  'RoleBinding.rbac.authorization.k8s.io': defaultBinding,
  'ClusterRoleBinding.rbac.authorization.k8s.io': defaultBinding,
  'Role.rbac.authorization.k8s.io': defaultRole,
  'ClusterRole.rbac.authorization.k8s.io': defaultRole,
  'HorizontalPodAutoscaler.autoscaling': defaultAutoscaler,
  'StorageClass.storage.k8s.io': defaultStorageClass,
  'CustomResourceDefinition.apiextensions.k8s.io': defaultCustomResourceDefinition,
  'MutatingWebhookConfiguration.admissionregistration.k8s.io': defaultWebhooks,
  'ValidatingWebhookConfiguration.admissionregistration.k8s.io': defaultWebhooks,
  'ValidatingAdmissionPolicy.admissionregistration.k8s.io': defaultAdmissionPolicy,
  'ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io': defaultAdmissionPolicyBinding,
  'MutatingAdmissionPolicy.admissionregistration.k8s.io': defaultAdmissionPolicy,
  'MutatingAdmissionPolicyBinding.admissionregistration.k8s.io': defaultAdmissionPolicyBinding,
};

/** Fills in what upstream fills in, so that what is read back says what holds. Changes the draft. */
export function applyDefaults(draft: Draft): void {
  DEFAULTS[kindKey(draft.apiVersion, draft.kind)]?.(draft);
}
