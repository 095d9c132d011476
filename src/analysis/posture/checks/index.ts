import type { Check } from '../define-check.ts';
import { allowPrivEscalation } from './allow-priv-escalation.ts';
import { apparmorUnconfined } from './apparmor-unconfined.ts';
import { capNetRaw } from './cap-net-raw.ts';
import { capsBeyondBaseline } from './caps-beyond-baseline.ts';
import { capsDangerous } from './caps-dangerous.ts';
import { capsDropAll } from './caps-drop-all.ts';
import { clusterAdminBinding } from './cluster-admin-binding.ts';
import { defaultSaInUse } from './default-sa-in-use.ts';
import { droppedField } from './dropped-field.ts';
import { ephemeralContainerLive } from './ephemeral-container-live.ts';
import { groupRoot } from './group-root.ts';
import { hostIpc } from './host-ipc.ts';
import { hostNetwork } from './host-network.ts';
import { hostPathSensitiveRw } from './host-path-sensitive-rw.ts';
import { hostPathVolume } from './host-path-volume.ts';
import { hostPid } from './host-pid.ts';
import { hostPort } from './host-port.ts';
import { imageMutableTag } from './image-mutable-tag.ts';
import { imageNoDigest } from './image-no-digest.ts';
import { ingressControllerRisk } from './ingress-controller-risk.ts';
import { ingressNoTls } from './ingress-no-tls.ts';
import { legacySaToken } from './legacy-sa-token.ts';
import { limitsMissing } from './limits-missing.ts';
import { literalSecretEnv } from './literal-secret-env.ts';
import { nsNoDefaultDeny } from './ns-no-default-deny.ts';
import { nsNoNetpol } from './ns-no-netpol.ts';
import { podDiffersFromOwner } from './pod-differs-from-owner.ts';
import { privilegedContainer } from './privileged-container.ts';
import { probeLifecycleHost } from './probe-lifecycle-host.ts';
import { probesMissing } from './probes-missing.ts';
import { procMountCheck } from './proc-mount.ts';
import { rbacAnonymous } from './rbac-anonymous.ts';
import { rbacAuthenticatedBroad } from './rbac-authenticated-broad.ts';
import { rbacBindEscalateImpersonate } from './rbac-bind-escalate-impersonate.ts';
import { rbacCreatePods } from './rbac-create-pods.ts';
import { rbacExecAttachForward } from './rbac-exec-attach-forward.ts';
import { rbacMastersGroup } from './rbac-masters-group.ts';
import { rbacNodeProxy } from './rbac-node-proxy.ts';
import { rbacPvCsrWebhookToken } from './rbac-pv-csr-webhook-token.ts';
import { rbacSecretsRead } from './rbac-secrets-read.ts';
import { rbacTamper } from './rbac-tamper.ts';
import { rbacWildcard } from './rbac-wildcard.ts';
import { requestsMissing } from './requests-missing.ts';
import { rootFsWritable } from './root-fs-writable.ts';
import { runAsNonRoot } from './run-as-non-root.ts';
import { runAsUser0 } from './run-as-user-0.ts';
import { runtimeSocketMount } from './runtime-socket-mount.ts';
import { saTokenAutomount } from './sa-token-automount.ts';
import { seccompUnconfined } from './seccomp-unconfined.ts';
import { seccompUnset } from './seccomp-unset.ts';
import { secretAsEnvRef } from './secret-as-env-ref.ts';
import { secretInConfigmap } from './secret-in-configmap.ts';
import { selinuxOptionsCheck } from './selinux-options.ts';
import { serviceExternalIps } from './service-external-ips.ts';
import { serviceLbOpen } from './service-lb-open.ts';
import { serviceNodeport } from './service-nodeport.ts';
import { shareProcessNs } from './share-process-ns.ts';
import { unsafeSysctl } from './unsafe-sysctl.ts';
import { userNamespaceOff } from './user-namespace-off.ts';
import { volumeTypes } from './volume-types.ts';
import { windowsHostProcessCheck } from './windows-host-process.ts';

/** Every check, sorted by id. Adding one is adding a file, a page in docs/checks and a line here. */
export const CHECKS: readonly Check[] = [
  allowPrivEscalation,
  apparmorUnconfined,
  capNetRaw,
  capsBeyondBaseline,
  capsDangerous,
  capsDropAll,
  clusterAdminBinding,
  defaultSaInUse,
  droppedField,
  ephemeralContainerLive,
  groupRoot,
  hostIpc,
  hostNetwork,
  hostPathSensitiveRw,
  hostPathVolume,
  hostPid,
  hostPort,
  imageMutableTag,
  imageNoDigest,
  ingressControllerRisk,
  ingressNoTls,
  legacySaToken,
  limitsMissing,
  literalSecretEnv,
  nsNoDefaultDeny,
  nsNoNetpol,
  podDiffersFromOwner,
  privilegedContainer,
  probeLifecycleHost,
  probesMissing,
  procMountCheck,
  rbacAnonymous,
  rbacAuthenticatedBroad,
  rbacBindEscalateImpersonate,
  rbacCreatePods,
  rbacExecAttachForward,
  rbacMastersGroup,
  rbacNodeProxy,
  rbacPvCsrWebhookToken,
  rbacSecretsRead,
  rbacTamper,
  rbacWildcard,
  requestsMissing,
  rootFsWritable,
  runAsNonRoot,
  runAsUser0,
  runtimeSocketMount,
  saTokenAutomount,
  seccompUnconfined,
  seccompUnset,
  secretAsEnvRef,
  secretInConfigmap,
  selinuxOptionsCheck,
  serviceExternalIps,
  serviceLbOpen,
  serviceNodeport,
  shareProcessNs,
  unsafeSysctl,
  userNamespaceOff,
  volumeTypes,
  windowsHostProcessCheck,
];
