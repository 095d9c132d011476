import type { KubernetesObject } from '../../src/model/object.ts';

export const SHOP = 'seaworthy-e2e';
export const GUESTS = 'seaworthy-e2e-guests';
/** On both namespaces, so that what an earlier run left can be told from what is somebody else's. */
export const LABEL = 'seaworthy.dev/e2e';

/** What the pods of the shop run; any image with a shell and a program that answers HTTP on port 8080 will do. */
export interface Program {
  readonly image: string;
  readonly serve: string;
}

/**
 * A small shop, in the order it is created. A gateway (two replicas) that everybody may call, orders behind it, a store
 * behind orders, a ledger; next door a guest whose service account may list pods. One weakness on purpose: the
 * policy of the ledger lists who may come in, but its types say Egress only, so it keeps nobody out.
 */
export function shopObjects(program: Program): readonly KubernetesObject[] {
  return [
    namespace(SHOP, { 'pod-security.kubernetes.io/enforce': 'restricted' }),
    namespace(GUESTS, {}),
    policy('gateway', 'Ingress', [{ namespaceSelector: {} }]),
    policy('orders', 'Ingress', [{ podSelector: { matchLabels: { app: 'gateway' } } }]),
    policy('store', 'Ingress', [{ podSelector: { matchLabels: { app: 'orders' } } }]),
    policy('ledger', 'Egress', [{ podSelector: { matchLabels: { app: 'orders' } } }]),
    account('guest', GUESTS),
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'sees-pods', namespace: SHOP },
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'guest-sees-pods', namespace: SHOP },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'sees-pods' },
      subjects: [{ kind: 'ServiceAccount', name: 'guest', namespace: GUESTS }],
    },
    service('gateway'),
    ...[server('gateway', 2), server('orders', 1), server('store', 1), server('ledger', 1)].map((make) =>
      make(SHOP, program),
    ),
    server('guest', 1, { serviceAccountName: 'guest' })(GUESTS, program),
  ];
}

function namespace(name: string, labels: Readonly<Record<string, string>>): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { [LABEL]: 'shop', ...labels } } };
}

function account(name: string, of: string): KubernetesObject {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: of } };
}

function policy(app: string, type: 'Ingress' | 'Egress', from: readonly object[]): KubernetesObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: app, namespace: SHOP },
    spec: { podSelector: { matchLabels: { app } }, policyTypes: [type], ingress: [{ from, ports: [{ port: 8080 }] }] },
  };
}

function service(app: string): KubernetesObject {
  const spec = { selector: { app }, ports: [{ name: 'http', port: 8080, targetPort: 'http' }] };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name: app, namespace: SHOP }, spec };
}

/** A Deployment that serves HTTP on port 8080 and asks for nothing; `more` is added to the spec of its pods. */
export function server(app: string, replicas: number, more: Readonly<Record<string, unknown>> = {}) {
  return (of: string, { image, serve }: Program): KubernetesObject => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: app, namespace: of },
    spec: {
      replicas,
      selector: { matchLabels: { app } },
      template: {
        metadata: { labels: { app } },
        spec: {
          automountServiceAccountToken: false,
          terminationGracePeriodSeconds: 1,
          securityContext: { runAsNonRoot: true, runAsUser: 65_532, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              name: 'server',
              image,
              command: ['sh', '-c', `exec ${serve}`],
              ports: [{ name: 'http', containerPort: 8080 }],
              readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 1 },
              resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
            },
          ],
          ...more,
        },
      },
    },
  });
}
