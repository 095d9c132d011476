/** A node of the lab: the only process of it that is not a container's. When it ends, the node and all its pods end. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { messageOf } from '../../model/errors.ts';
import { isRecord, strings } from '../../model/json.ts';
import { isCompleted } from '../../model/pods.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { createApiClient } from '../client/api-client.ts';
import { startInformer } from '../client/informer.ts';
import { runCommand } from '../network/commands.ts';
import { createBaseRoot } from './base-root.ts';
import { runInContainer } from './run-in-container.ts';
import { corePath, type NodeContext } from './context.ts';
import type { NodeOptions } from './options.ts';
import { startPodWorker, type PodWorker } from './pod-worker.ts';
import { probeOnce } from './probes.ts';
import { createEventRecorder, createStatusPublisher } from './publishing.ts';
import { HEARTBEAT_SECONDS, publishNodeStatus, registerNode, renewLease } from './registration.ts';
import { serveRuntime } from './runtime-server.ts';
import { createAddressPool } from './sandbox.ts';
import { startServiceProxy } from './service-proxy.ts';
import { resourceMetrics, samplePods, statsSummary } from './usage.ts';

const options = JSON.parse(process.env['SEAWORTHY_LAB_NODE'] ?? '{}') as NodeOptions;
const { plan } = options;
const client = createApiClient({ kind: 'socket', path: options.apiSocket, token: options.token });
const forever = new AbortController().signal;
const workers = new Map<string, PodWorker>();

// This mount namespace is the node's own: what it mounts goes with it.
mkdirSync('/run/netns', { recursive: true });
await runCommand('mount', ['-t', 'tmpfs', 'netns', '/run/netns']);
mkdirSync('/run/sandboxes', { recursive: true });
await runCommand('mount', ['-t', 'tmpfs', 'sandboxes', '/run/sandboxes']);
for (const [file, value] of [
  ['net/ipv4/ip_forward', '1'],
  ['net/ipv4/ip_unprivileged_port_start', '0'],
  ...(plan.addresses.length > 1 ? [['net/ipv6/conf/all/forwarding', '1'] as const] : []),
] as const) {
  writeFileSync(`/proc/sys/${file}`, value);
}
const hostRoot = `${options.directory}/root`;
for (const path of ['var/log/pods', 'var/lib/kubelet', 'etc/kubernetes', 'tmp', 'run'])
  mkdirSync(`${hostRoot}/${path}`, { recursive: true });
writeFileSync(`${hostRoot}/etc/hostname`, `${plan.name}\n`);

const services = startServiceProxy(client, plan, forever);

const node: NodeContext = {
  plan,
  directory: options.directory,
  hostRoot,
  base: await createBaseRoot(`${options.directory}/base`),
  cgroup: `${options.cgroup}/${plan.name}`,
  addresses: createAddressPool(plan.podCidrs),
  client,
  events: createEventRecorder(client, 'kubelet', plan.name),
  status: createStatusPublisher(client),
  services: (namespace) =>
    services
      .list()
      .filter(
        ({ metadata }) =>
          metadata.namespace === namespace || (metadata.namespace === 'default' && metadata.name === 'kubernetes'),
      ),
  exec: runInContainer,
  hooks: {
    preStop: async (handler, container, address, graceMs) => {
      if (!isRecord(handler)) return;
      const exec = isRecord(handler['exec']) ? strings(handler['exec']['command']) : [];
      const sleep = isRecord(handler['sleep']) ? Number(handler['sleep']['seconds'] ?? 0) * 1_000 : 0;
      if (exec.length > 0) await node.exec(container, exec, graceMs);
      if (sleep > 0) await new Promise((resolve) => setTimeout(resolve, Math.min(sleep, graceMs)));
      if (isRecord(handler['httpGet'])) {
        const target = { address, container: { livenessProbe: handler }, exec: async () => ({ code: 0, output: '' }) };
        await probeOnce(target, 'livenessProbe', graceMs);
      }
    },
  },
  deletePod: async (pod) => {
    const path = corePath('pods', pod.metadata.namespace ?? 'default', pod.metadata.name);
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      gracePeriodSeconds: 0,
      preconditions: { uid: pod.metadata.uid },
    };
    for (let tries = 0; tries < 20; tries++) {
      const answer = await client.send('DELETE', path, body).catch(() => undefined);
      if (answer && [200, 202, 404, 409].includes(answer.status)) return;
      if (answer) process.stderr.write(`delete ${path}: HTTP ${answer.status} ${JSON.stringify(answer.body)}\n`);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  },
};

/** Starts what is new, tells the running what has changed, stops what is gone. */
function reconcile(pods: readonly KubernetesObject[]): void {
  const wanted = new Set<string>();
  for (const pod of pods) {
    const uid = pod.metadata.uid ?? '';
    wanted.add(uid);
    const worker = workers.get(uid);
    if (worker) worker.update(pod);
    else if (isCompleted(pod)) {
      if (pod.metadata.deletionTimestamp !== undefined) void node.deletePod(pod);
    } else {
      const started = startPodWorker(pod, node);
      workers.set(uid, started);
      started.finished
        .catch((thrown: unknown) => process.stderr.write(`pod ${pod.metadata.name}: ${messageOf(thrown)}\n`))
        .finally(() => workers.delete(uid))
        .catch(() => undefined);
    }
  }
  for (const [uid, worker] of workers) if (!wanted.has(uid)) worker.removed();
}

serveRuntime({
  socket: options.runtimeSocket,
  worker: (uid) => workers.get(uid),
  get: (path) => {
    const [route] = path.split('?');
    if (route === '/metrics/resource') {
      return {
        status: 200,
        contentType: 'text/plain; version=0.0.4',
        body: resourceMetrics(samplePods(workers.values())),
      };
    }
    if (route === '/stats/summary') {
      return {
        status: 200,
        contentType: 'application/json',
        body: statsSummary(plan, samplePods(workers.values()), new Date()),
      };
    }
    if (route === '/healthz') return { status: 200, contentType: 'text/plain', body: 'ok' };
    return {
      status: 404,
      contentType: 'text/plain',
      body: 'the lab serves /metrics/resource, /stats/summary and /healthz\n',
    };
  },
});

// The Lease first: a node that comes back says that it is ready to a controller that no longer takes it for lost.
await renewLease(client, plan);
await registerNode(client, plan);
let beats = 0;
setInterval(() => {
  renewLease(client, plan).catch(() => undefined);
  if (++beats % 15 === 0) publishNodeStatus(client, plan).catch(() => undefined);
}, HEARTBEAT_SECONDS * 1_000);

const pods = startInformer(client, {
  path: '/api/v1/pods',
  fieldSelector: `spec.nodeName=${plan.name}`,
  signal: forever,
  changed: () => reconcile(pods.list()),
});
