import { record, type JsonRecord } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { SERVER_PORTS, type ProbeKit } from './kits.ts';

export type CanaryRole = 'server' | 'client' | 'other' | 'control' | 'late';

/** Label by which the canary's policies tell its pods apart. */
export const ROLE = 'seaworthy.dev/role';

const NAME = 'seaworthy.dev/pod';

/** A pod of the canary, bound to one node. */
export function canaryPod(
  namespace: string,
  name: string,
  role: CanaryRole,
  node: string,
  containers: readonly JsonRecord[],
  more: { readonly volumes?: readonly JsonRecord[]; readonly ttlSeconds: number },
): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { 'app.kubernetes.io/managed-by': 'seaworthy', [ROLE]: role, [NAME]: name } },
    spec: {
      nodeSelector: { 'kubernetes.io/hostname': node },
      tolerations: [{ operator: 'Exists' }],
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 1,
      // Should everything else fail, the pods end by themselves.
      activeDeadlineSeconds: more.ttlSeconds,
      containers,
      ...(more.volumes ? { volumes: more.volumes } : {}),
    },
  };
}

/** A server and a client on every node; one stranger and one server that no policy ever selects. */
export function canaryPods(
  namespace: string,
  nodes: readonly string[],
  kit: ProbeKit,
  ttlSeconds: number,
): readonly KubernetesObject[] {
  const pod = (name: string, role: CanaryRole, node: string, containers: readonly JsonRecord[]): KubernetesObject =>
    canaryPod(namespace, name, role, node, containers, { ttlSeconds });
  const [first = ''] = nodes;
  return [
    pod('control', 'control', first, kit.servers()),
    pod('other', 'other', first, [kit.client()]),
    ...nodes.flatMap((node, i) => [
      pod(`server-${i}`, 'server', node, kit.servers()),
      pod(`client-${i}`, 'client', node, [kit.client()]),
    ]),
  ];
}

/** A Service in front of the servers, to dial them by an address that is rewritten on the way. */
export function canaryService(namespace: string): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'servers', namespace },
    spec: {
      selector: { [ROLE]: 'server' },
      // An address of each family, where the cluster has two.
      ipFamilyPolicy: 'PreferDualStack',
      ports: [{ name: 'http', port: 80, targetPort: SERVER_PORTS[0], protocol: 'TCP' }],
    },
  };
}

/** The first server behind a port of every node. */
export function nodePortService(namespace: string): KubernetesObject {
  const service = canaryService(namespace);
  return {
    ...service,
    metadata: { ...service.metadata, name: 'node-port' },
    spec: { ...record(service['spec']), type: 'NodePort', selector: { [NAME]: 'server-0' } },
  };
}

/** A policy on all pods of one role. */
export function policyFor(
  namespace: string,
  name: string,
  role: CanaryRole,
  spec: { readonly ingress?: readonly JsonRecord[]; readonly egress?: readonly JsonRecord[] },
): KubernetesObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace, labels: { 'app.kubernetes.io/managed-by': 'seaworthy' } },
    spec: {
      podSelector: { matchLabels: { [ROLE]: role } },
      policyTypes: [...(spec.ingress ? ['Ingress'] : []), ...(spec.egress ? ['Egress'] : [])],
      ...spec,
    },
  };
}

export function fromRole(role: CanaryRole): JsonRecord {
  return { podSelector: { matchLabels: { [ROLE]: role } } };
}
