import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../src/lab/api/testing/connect.ts';

/** Sends the same requests to the lab's API server and to a real one, and compares the answers field by field. */
const REAL = process.env['KUBECONFIG_REAL'];
const NAMESPACE = 'h2-differential';
const PORT = 18_055;

/** What differs by nature: identities, times, and who else is at work on the real cluster. */
const VOLATILE = new Set([
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'managedFields',
  'lastTransitionTime',
  'clusterIP',
  'clusterIPs',
  'status',
]);

interface Case {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly type?: string;
}

const core = `/api/v1/namespaces/${NAMESPACE}`;
const apps = `/apis/apps/v1/namespaces/${NAMESPACE}`;
const labels = { app: 'w' };
const template = {
  metadata: { labels },
  spec: { containers: [{ name: 'c', image: 'nginx:1.25', ports: [{ containerPort: 80 }] }] },
};
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'w' },
  spec: { replicas: 0, selector: { matchLabels: labels }, template },
};
const policy = (spec: unknown) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'np' },
  spec,
});
const policies = `/apis/networking.k8s.io/v1/namespaces/${NAMESPACE}/networkpolicies`;
const pod = (name: string, spec: object) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec });
const container = { name: 'c', image: 'nginx' };

const CASES: readonly Case[] = [
  {
    name: 'config map',
    method: 'POST',
    path: `${core}/configmaps`,
    body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm' }, data: { a: '1' } },
  },
  {
    name: 'config map again',
    method: 'POST',
    path: `${core}/configmaps`,
    body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm' } },
  },
  {
    name: 'merge patch',
    method: 'PATCH',
    path: `${core}/configmaps/m`,
    body: { data: { b: '2' } },
    type: 'application/merge-patch+json',
  },
  {
    name: 'json patch',
    method: 'PATCH',
    path: `${core}/configmaps/m`,
    body: [{ op: 'add', path: '/data/c', value: '3' }],
    type: 'application/json-patch+json',
  },
  { name: 'missing', method: 'GET', path: `${core}/configmaps/none` },
  { name: 'deployment defaults', method: 'POST', path: `${apps}/deployments?dryRun=All`, body: deployment },
  {
    name: 'deployment selector',
    method: 'POST',
    path: `${apps}/deployments?dryRun=All`,
    body: { ...deployment, spec: { ...deployment.spec, selector: { matchLabels: { app: 'x' } } } },
  },
  {
    name: 'stateful set defaults',
    method: 'POST',
    path: `${apps}/statefulsets?dryRun=All`,
    body: { ...deployment, kind: 'StatefulSet', spec: { ...deployment.spec, serviceName: 's' } },
  },
  {
    name: 'daemon set defaults',
    method: 'POST',
    path: `${apps}/daemonsets?dryRun=All`,
    body: {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'd' },
      spec: { selector: { matchLabels: labels }, template },
    },
  },
  {
    name: 'service defaults',
    method: 'POST',
    path: `${core}/services?dryRun=All`,
    body: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 's' },
      spec: { selector: labels, ports: [{ port: 80 }] },
    },
  },
  {
    name: 'service without ports',
    method: 'POST',
    path: `${core}/services?dryRun=All`,
    body: { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: {} },
  },
  {
    name: 'policy defaults',
    method: 'POST',
    path: `${policies}?dryRun=All`,
    body: policy({ podSelector: {}, egress: [{ ports: [{ port: 53 }] }] }),
  },
  {
    name: 'policy with a bad block',
    method: 'POST',
    path: `${policies}?dryRun=All`,
    body: policy({ podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/33' } }] }] }),
  },
  {
    name: 'policy with an empty peer',
    method: 'POST',
    path: `${policies}?dryRun=All`,
    body: policy({ podSelector: {}, ingress: [{ from: [{}] }] }),
  },
  {
    name: 'pod without containers',
    method: 'POST',
    path: `${core}/pods?dryRun=All`,
    body: pod('p', { containers: [] }),
  },
  {
    name: 'pod of Pod Security',
    method: 'POST',
    path: `${core}/pods?dryRun=All`,
    body: pod('p', { hostPID: true, containers: [container] }),
  },
  {
    name: 'unknown field, strict',
    method: 'POST',
    path: `${core}/configmaps?dryRun=All&fieldValidation=Strict`,
    body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'o' }, odd: 1 },
  },
  {
    name: 'role without verbs',
    method: 'POST',
    path: `/apis/rbac.authorization.k8s.io/v1/namespaces/${NAMESPACE}/roles?dryRun=All`,
    body: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'r' },
      rules: [{ apiGroups: [''], resources: ['pods'] }],
    },
  },
  {
    name: 'budget with both',
    method: 'POST',
    path: `/apis/policy/v1/namespaces/${NAMESPACE}/poddisruptionbudgets?dryRun=All`,
    body: {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'b' },
      spec: { minAvailable: 1, maxUnavailable: 1 },
    },
  },
  { name: 'bad field selector', method: 'GET', path: `${core}/pods?fieldSelector=spec.odd%3D1` },
  {
    name: 'access review',
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { user: 'nobody', resourceAttributes: { verb: 'list', resource: 'pods' } },
    },
  },
  {
    name: 'no such namespace',
    method: 'POST',
    path: '/api/v1/namespaces/h2-none/configmaps',
    body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm' } },
  },
];

function settled(value: unknown, depth = 0): unknown {
  if (Array.isArray(value)) return value.map((entry) => settled(entry, depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  const keep = ([key]: [string, unknown]): boolean =>
    !VOLATILE.has(key) || (key === 'status' && (value as { kind?: string }).kind === 'Status');
  return Object.fromEntries(
    Object.entries(value)
      .filter(keep)
      .map(([key, entry]) => [key, settled(entry, depth + 1)]),
  );
}

describe.skipIf(!REAL)('the lab answers as a real API server does', () => {
  let lab: TestServer;
  let proxy: ChildProcess;
  const real = async (method: string, path: string, body?: unknown, type = 'application/json') => {
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`http://127.0.0.1:${PORT}${path}`, {
      method,
      headers: { 'content-type': type },
      ...init,
    });
    return { code: response.status, body: await response.json() };
  };
  const until = async (path: string): Promise<void> => {
    for (let tries = 0; tries < 100; tries++) {
      const { code } = await real('GET', path).catch(() => ({ code: 0 }));
      if (code === 200) return;
      await delay(100);
    }
    throw new Error(`${path} is not there`);
  };
  const namespace = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: NAMESPACE, labels: { 'pod-security.kubernetes.io/enforce': 'baseline' } },
  };

  beforeAll(async () => {
    lab = await startTestServer();
    proxy = spawn('kubectl', ['proxy', '--port', String(PORT)], {
      env: { ...process.env, KUBECONFIG: REAL },
      stdio: 'ignore',
    });
    await until('/version');
    await real('POST', '/api/v1/namespaces', namespace);
    await lab.send('POST', '/api/v1/namespaces', namespace);
    await lab.send('POST', `${core}/serviceaccounts`, { metadata: { name: 'default' } });
    await until(`${core}/serviceaccounts/default`);
  }, 30_000);
  afterAll(async () => {
    await real('DELETE', `/api/v1/namespaces/${NAMESPACE}`);
    proxy.kill();
    await lab.api.close();
  });

  test.for(CASES)('$name', async ({ method, path, body, type }) => {
    const wanted = await real(method, path, body, type);
    const given = await lab.send(method, path, body, type ? { 'content-type': type } : {});
    expect({ code: given.code, body: settled(given.body) }).toEqual({ code: wanted.code, body: settled(wanted.body) });
  });
});
