import { collection, core, post, type Case } from './case.ts';

const labels = { app: 'w' };
const container = { name: 'c', image: 'nginx:1.25' };
const template = { metadata: { labels }, spec: { containers: [{ ...container, ports: [{ containerPort: 80 }] }] } };
const dry = (path: string): string => `${path}?dryRun=All`;
const apps = (resource: string): string => dry(collection('apps/v1', resource));
const workload = (kind: string, spec: object): object => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name: 'w' },
  spec: { selector: { matchLabels: labels }, template, ...spec },
});
const pod = (spec: object): object => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec });
const service = (spec: object): object => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec });
const policy = (spec: object): object => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'np' },
  spec,
});
const job = { template: { spec: { restartPolicy: 'Never', containers: [container] } } };
const pods = dry(`${core}/pods`);
const services = dry(`${core}/services`);
const policies = dry(collection('networking.k8s.io/v1', 'networkpolicies'));
const budgets = dry(collection('policy/v1', 'poddisruptionbudgets'));
const budget = (spec: object): object => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'b' },
  spec,
});

/** What is filled in, and what is refused with which sentence. Nothing is kept. */
export const DEFAULTS: readonly Case[] = [
  post('deployment', apps('deployments'), workload('Deployment', {})),
  post(
    'deployment, selector of others',
    apps('deployments'),
    workload('Deployment', { selector: { matchLabels: { app: 'x' } } }),
  ),
  post('deployment, negative replicas', apps('deployments'), workload('Deployment', { replicas: -1 })),
  post('stateful set', apps('statefulsets'), workload('StatefulSet', { serviceName: 's' })),
  post('daemon set', apps('daemonsets'), workload('DaemonSet', {})),
  post('replica set', apps('replicasets'), workload('ReplicaSet', {})),
  post('job', dry(collection('batch/v1', 'jobs')), {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'j' },
    spec: {
      ...job,
      manualSelector: true,
      selector: { matchLabels: labels },
      template: { ...job.template, metadata: { labels } },
    },
  }),
  post(
    'job that always restarts',
    dry(collection('batch/v1', 'jobs')),
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'j' },
      spec: { template: { spec: { restartPolicy: 'Always', containers: [container] } } },
    },
    { reasonOnly: true },
  ),
  post('cron job', dry(collection('batch/v1', 'cronjobs')), {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'c' },
    spec: { schedule: '* * * * *', jobTemplate: { spec: job } },
  }),
  post(
    'pod with probes and volumes',
    pods,
    pod({
      containers: [
        {
          ...container,
          livenessProbe: { httpGet: { port: 80 } },
          env: [{ name: 'N', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
          volumeMounts: [{ name: 'v', mountPath: '/v' }],
        },
      ],
      volumes: [{ name: 'v', configMap: { name: 'm' } }, { name: 'e' }, { name: 'h', hostPath: { path: '/h' } }],
      automountServiceAccountToken: false,
    }),
    { reasonOnly: true },
  ),
  post('pod without containers', pods, pod({ containers: [] })),
  post('pod of Pod Security', pods, pod({ hostPID: true, containers: [container] })),
  post(
    'pod, two containers of a name',
    pods,
    pod({ automountServiceAccountToken: false, containers: [container, container] }),
  ),
  post(
    'pod, a mount of nothing',
    pods,
    pod({
      automountServiceAccountToken: false,
      containers: [{ ...container, volumeMounts: [{ name: 'none', mountPath: '/v' }] }],
    }),
  ),
  post(
    'pod, a bad port',
    pods,
    pod({ automountServiceAccountToken: false, containers: [{ ...container, ports: [{ containerPort: 70000 }] }] }),
  ),
  post(
    'pod, requests above limits',
    pods,
    pod({
      automountServiceAccountToken: false,
      containers: [{ ...container, resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }],
    }),
  ),
  post('service', services, service({ selector: labels, ports: [{ port: 80 }] })),
  post('service without ports', services, service({})),
  post('service, ports without names', services, service({ ports: [{ port: 80 }, { port: 81 }] })),
  post('service, node port out of range', services, service({ type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] })),
  post('policy', policies, policy({ podSelector: {}, egress: [{ ports: [{ port: 53 }] }] })),
  post(
    'policy, bad block',
    policies,
    policy({ podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/33' } }] }] }),
  ),
  post(
    'policy, except outside its block',
    policies,
    policy({ podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/24', except: ['10.1.0.0/24'] } }] }] }),
  ),
  post('policy, empty peer', policies, policy({ podSelector: {}, ingress: [{ from: [{}] }] })),
  post(
    'policy, range that ends before it begins',
    policies,
    policy({ podSelector: {}, ingress: [{ ports: [{ port: 90, endPort: 80 }] }] }),
  ),
  post(
    'policy, range of a name',
    policies,
    policy({ podSelector: {}, ingress: [{ ports: [{ port: 'http', endPort: 80 }] }] }),
  ),
  post('policy, unknown type', policies, policy({ podSelector: {}, policyTypes: ['Sideways'] })),
  post('role without verbs', dry(collection('rbac.authorization.k8s.io/v1', 'roles')), {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'r' },
    rules: [{ apiGroups: [''], resources: ['pods'] }],
  }),
  post('role binding of no role', dry(collection('rbac.authorization.k8s.io/v1', 'rolebindings')), {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'r' },
    subjects: [{ kind: 'User', name: 'u' }],
    roleRef: { kind: 'Role', name: 'x', apiGroup: 'rbac.authorization.k8s.io' },
  }),
  post('budget', budgets, budget({ minAvailable: 1, selector: { matchLabels: labels } })),
  post('budget with both', budgets, budget({ minAvailable: 1, maxUnavailable: 1 })),
  post('budget, bad share', budgets, budget({ maxUnavailable: 'half' })),
];
