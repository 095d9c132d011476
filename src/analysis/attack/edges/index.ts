import type { EdgeDefinition } from '../hops/define-edge.ts';
import { exposure } from './a1-exposure.ts';
import { knownVulnerability } from './a2-known-vulnerability.ts';
import { openService } from './a3-open-service.ts';
import { anonymous } from './a4-anonymous.ts';
import { poisonedImage } from './a6-poisoned-image.ts';
import { privileged } from './b1-privileged.ts';
import { nsenter } from './b2-nsenter.ts';
import { ptrace } from './b3-ptrace.ts';
import { sysModule } from './b4-sys-module.ts';
import { sysAdmin } from './b5-sys-admin.ts';
import { dacReadSearch } from './b6-dac-read-search.ts';
import { nodeNetwork } from './b7-node-network.ts';
import { writableHostPath } from './b8-writable-host-path.ts';
import { corePattern } from './b9-core-pattern.ts';
import { runtimeSocket } from './b10-runtime-socket.ts';
import { varLog } from './b11-var-log.ts';
import { staticPods } from './b12-static-pods.ts';
import { readHostSecrets } from './b13-read-host-secrets.ts';
import { hostPid } from './b14-host-pid.ts';
import { hostNetwork } from './b15-host-network.ts';
import { hostIpc } from './b16-host-ipc.ts';
import { hostPathClaim } from './b17-host-path-claim.ts';
import { windowsHostProcess } from './b18-windows-host-process.ts';
import { nodeHoles } from './b19-node-holes.ts';
import { volumeHoles } from './b20-volume-holes.ts';
import { nodeToPods } from './c1-node-to-pods.ts';
import { mountedCredentials } from './c2-mounted-credentials.ts';
import { kubeletIdentity } from './c3-kubelet-identity.ts';
import { controlPlaneNode } from './c4-control-plane-node.ts';
import { stealPods } from './c5-steal-pods.ts';
import { instanceRole } from './c6-instance-role.ts';
import { podToken } from './d1-pod-token.ts';
import { seenSecrets } from './d2-seen-secrets.ts';
import { tokenSecrets } from './d3-token-secrets.ts';
import { readSecrets } from './d4-read-secrets.ts';
import { mintToken } from './d5-mint-token.ts';
import { tokenSecret } from './d6-token-secret.ts';
import { impersonate } from './d7-impersonate.ts';
import { signingRequest } from './d8-signing-request.ts';
import { signRequest } from './d9-sign-request.ts';
import { bootstrapToken } from './d10-bootstrap-token.ts';
import { plainCredentials } from './d11-plain-credentials.ts';
import { clusterKeys } from './d12-cluster-keys.ts';
import { exec } from './e1-exec.ts';
import { attach } from './e2-attach.ts';
import { portForward } from './e3-port-forward.ts';
import { proxy } from './e4-proxy.ts';
import { ephemeralContainer } from './e5-ephemeral-container.ts';
import { replaceImage } from './e6-replace-image.ts';
import { chooseAccount } from './e7-choose-account.ts';
import { mountAnySecret } from './e8-mount-any-secret.ts';
import { escapingPod } from './e9-escaping-pod.ts';
import { controllers } from './e10-controllers.ts';
import { nodesProxy } from './e11-nodes-proxy.ts';
import { openKubelet } from './e12-open-kubelet.ts';
import { placement } from './e13-placement.ts';
import { persistentVolume } from './e14-persistent-volume.ts';
import { trustedConfig } from './e15-trusted-config.ts';
import { bind } from './f1-bind.ts';
import { escalate } from './f2-escalate.ts';
import { namespaceAdmin } from './f3-namespace-admin.ts';
import { aggregation } from './f4-aggregation.ts';
import { relabelNamespace } from './f5-relabel-namespace.ts';
import { weakenGuard } from './f6-weaken-guard.ts';
import { identity } from './f7-identity.ts';
import { mutatingWebhook } from './g1-mutating-webhook.ts';
import { validatingWebhook } from './g2-validating-webhook.ts';
import { apiService } from './g3-api-service.ts';
import { endpoints } from './g4-endpoints.ts';
import { ingressController } from './g5-ingress-controller.ts';
import { dashboard } from './g6-dashboard.ts';
import { controllersOfOthers } from './g7-controllers-of-others.ts';
import { allowedFlow } from './h1-allowed-flow.ts';
import { apiReach } from './h3-api-reach.ts';
import { metadataService } from './h4-metadata-service.ts';
import { policyTampering } from './h5-policy-tampering.ts';
import { spoofing } from './h6-spoofing.ts';
import { sharedProcesses } from './h7-shared-processes.ts';
import { sharedVolume } from './h8-shared-volume.ts';
import { workloadIdentity } from './i1-workload-identity.ts';
import { cloudToCluster } from './i2-cloud-to-cluster.ts';

/** Every kind of hop, in the order of the catalogue. */
export const EDGES: readonly EdgeDefinition[] = [
  exposure,
  knownVulnerability,
  openService,
  anonymous,
  poisonedImage,
  privileged,
  nsenter,
  ptrace,
  sysModule,
  sysAdmin,
  dacReadSearch,
  nodeNetwork,
  writableHostPath,
  corePattern,
  runtimeSocket,
  varLog,
  staticPods,
  readHostSecrets,
  hostPid,
  hostNetwork,
  hostIpc,
  hostPathClaim,
  windowsHostProcess,
  nodeHoles,
  volumeHoles,
  nodeToPods,
  mountedCredentials,
  kubeletIdentity,
  controlPlaneNode,
  stealPods,
  instanceRole,
  podToken,
  seenSecrets,
  tokenSecrets,
  readSecrets,
  mintToken,
  tokenSecret,
  impersonate,
  signingRequest,
  signRequest,
  bootstrapToken,
  plainCredentials,
  clusterKeys,
  exec,
  attach,
  portForward,
  proxy,
  ephemeralContainer,
  replaceImage,
  chooseAccount,
  mountAnySecret,
  escapingPod,
  controllers,
  nodesProxy,
  openKubelet,
  placement,
  persistentVolume,
  trustedConfig,
  bind,
  escalate,
  namespaceAdmin,
  aggregation,
  relabelNamespace,
  weakenGuard,
  identity,
  mutatingWebhook,
  validatingWebhook,
  apiService,
  endpoints,
  ingressController,
  dashboard,
  controllersOfOthers,
  allowedFlow,
  apiReach,
  metadataService,
  policyTampering,
  spoofing,
  sharedProcesses,
  sharedVolume,
  workloadIdentity,
  cloudToCluster,
];
