import type { KubernetesObject } from '../../src/model/object.ts';
import { LABEL, server, type Program } from './shop.ts';

export const ADMIN = 'seaworthy-e2e-admin';
export const CI = 'seaworthy-e2e-ci';

/**
 * The chain planted in the demo shop, as far as any cluster offers it, in the order it is created: a console that outsiders
 * reach, a runner that the console may talk to, the runner's token, and its right to create pods where nothing refuses a
 * privileged one. That both images have a hole is what a scanner says (`scannerReports`); none is in them.
 */
export function chainObjects(program: Program): readonly KubernetesObject[] {
  return [
    namespace(ADMIN),
    namespace(CI),
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'runner', namespace: CI } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'runner', namespace: CI },
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'create'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'runner', namespace: CI },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'runner' },
      subjects: [{ kind: 'ServiceAccount', name: 'runner', namespace: CI }],
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'console', namespace: ADMIN },
      spec: {
        podSelector: { matchLabels: { app: 'console' } },
        policyTypes: ['Ingress', 'Egress'],
        ingress: [{ ports: [{ port: 8080 }] }],
        egress: [{ to: [{ namespaceSelector: { matchLabels: { [LABEL]: CI } } }], ports: [{ port: 8080 }] }],
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'console', namespace: ADMIN },
      spec: { type: 'NodePort', selector: { app: 'console' }, ports: [{ port: 80, targetPort: 'http' }] },
    },
    server('console', 1)(ADMIN, program),
    server('runner', 1, { serviceAccountName: 'runner', automountServiceAccountToken: true })(CI, program),
  ];
}

/** What an image scanner would say of the two: an old library with a hole that is used over the network. */
export function scannerReports({ image }: Program): readonly KubernetesObject[] {
  return [report(ADMIN, 'console', 'CVE-2017-5638', image), report(CI, 'runner', 'CVE-2021-44228', image)];
}

function report(of: string, app: string, vulnerabilityID: string, image: string): KubernetesObject {
  const [, server = '', repository = '', tag = 'latest'] = /^(?:([^/]*)\/)?(.*?)(?::([^:/]+))?$/.exec(image) ?? [];
  return {
    apiVersion: 'aquasecurity.github.io/v1alpha1',
    kind: 'VulnerabilityReport',
    metadata: {
      name: `deployment-${app}`,
      namespace: of,
      labels: {
        'trivy-operator.resource.kind': 'Deployment',
        'trivy-operator.resource.name': app,
        'trivy-operator.container.name': 'server',
      },
    },
    report: {
      artifact: { repository, tag },
      registry: { server },
      vulnerabilities: [
        {
          vulnerabilityID,
          severity: 'CRITICAL',
          cvss: { nvd: { V3Score: 9.8, V3Vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' } },
        },
      ],
    },
  };
}

/** The namespace is labelled by its own name, so that policies can name it. */
function namespace(name: string): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { [LABEL]: name } } };
}
