import type { KubernetesObject } from '../../../model/object.ts';

/** A pod to ask admission about, never kept: one that is root on its node, or one that the restricted level lets in. */
export function trialPod(namespace: string, privileged: boolean): KubernetesObject {
  const securityContext = privileged
    ? { privileged: true }
    : {
        allowPrivilegeEscalation: false,
        runAsNonRoot: true,
        runAsUser: 65_534,
        capabilities: { drop: ['ALL'] },
        seccompProfile: { type: 'RuntimeDefault' },
      };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'seaworthy-paths-prove', namespace },
    spec: {
      ...(privileged ? { hostPID: true } : {}),
      containers: [{ name: 'trial', image: 'registry.k8s.io/pause:3.10', securityContext }],
    },
  };
}
