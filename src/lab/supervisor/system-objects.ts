import type { KubernetesObject } from '../../model/object.ts';
import { CLUSTER_DOMAIN, DNS_SERVICE_ADDRESS, type NodePlan } from '../network/addresses.ts';

export interface SystemSettings {
  readonly nodes: readonly NodePlan[];
  readonly slowPolicyMs: number;
}

const NAMESPACE = 'kube-system';

/** What runs in the cluster itself: DNS and NetworkPolicy enforcement, as pods like any other. */
export function systemObjects(settings: SystemSettings): readonly KubernetesObject[] {
  return [...clusterDns(), ...policyAgent(settings)];
}

function account(name: string): KubernetesObject {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: NAMESPACE } };
}

/** Lets a service account of kube-system read these resources everywhere. */
function reader(
  name: string,
  rules: readonly (readonly [group: string, resources: readonly string[]])[],
): readonly KubernetesObject[] {
  const role = `system:seaworthy:${name}`;
  return [
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: role },
      rules: rules.map(([group, resources]) => ({ apiGroups: [group], resources, verbs: ['get', 'list', 'watch'] })),
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: role },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
      subjects: [{ kind: 'ServiceAccount', name, namespace: NAMESPACE }],
    },
  ];
}

function clusterDns(): readonly KubernetesObject[] {
  const labels = { 'k8s-app': 'kube-dns' };
  const metadata = { name: 'kube-dns', namespace: NAMESPACE, labels };
  return [
    account('kube-dns'),
    ...reader('kube-dns', [
      ['', ['services']],
      ['discovery.k8s.io', ['endpointslices']],
    ]),
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: 'kube-dns',
            priorityClassName: 'system-cluster-critical',
            dnsPolicy: 'Default',
            terminationGracePeriodSeconds: 5,
            securityContext: { runAsNonRoot: true, runAsUser: 65_532, runAsGroup: 65_532 },
            containers: [
              {
                name: 'dns',
                image: 'seaworthy.dev/cluster-dns:1',
                env: [{ name: 'CLUSTER_DOMAIN', value: CLUSTER_DOMAIN }],
                ports: [
                  { name: 'dns', containerPort: 53, protocol: 'UDP' },
                  { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
                ],
                readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 2 },
                resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '256Mi' } },
                securityContext: {
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { drop: ['ALL'] },
                },
              },
            ],
          },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: {
        clusterIP: DNS_SERVICE_ADDRESS,
        selector: labels,
        ports: [
          { name: 'dns', port: 53, targetPort: 53, protocol: 'UDP' },
          { name: 'dns-tcp', port: 53, targetPort: 53, protocol: 'TCP' },
        ],
      },
    },
  ];
}

function policyAgent({ slowPolicyMs }: SystemSettings): readonly KubernetesObject[] {
  const labels = { app: 'policy-agent' };
  const metadata = { name: 'policy-agent', namespace: NAMESPACE, labels };
  return [
    account('policy-agent'),
    ...reader('policy-agent', [
      ['', ['pods', 'namespaces']],
      ['networking.k8s.io', ['networkpolicies']],
    ]),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'policy-agent', namespace: NAMESPACE },
      data: { delayMilliseconds: String(slowPolicyMs) },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata,
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: 'policy-agent',
            priorityClassName: 'system-node-critical',
            hostNetwork: true,
            dnsPolicy: 'Default',
            terminationGracePeriodSeconds: 2,
            tolerations: [{ operator: 'Exists' }],
            containers: [
              {
                name: 'agent',
                image: 'seaworthy.dev/policy-agent:1',
                env: [
                  { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
                  { name: 'NODE_IP', valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } },
                ],
                readinessProbe: { httpGet: { path: '/healthz', port: 9099 }, periodSeconds: 2 },
                resources: { requests: { cpu: '10m', memory: '64Mi' } },
                securityContext: { privileged: true, runAsUser: 0 },
                volumeMounts: [{ name: 'settings', mountPath: '/etc/policy-agent' }],
              },
            ],
            volumes: [{ name: 'settings', configMap: { name: 'policy-agent' } }],
          },
        },
      },
    },
  ];
}
