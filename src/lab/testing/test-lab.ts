import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from '../../cluster/connect.ts';
import type { ClusterClient } from '../../cluster/types.ts';
import { at, records, text } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { isReady } from '../../model/pods.ts';
import { createApiClient, type ApiClient } from '../client/api-client.ts';
import { startLab, type Lab, type LabOptions } from '../lab.ts';
import { accessOf } from './lab-access.ts';
import { openPodSession, type PodSession } from './pod-session.ts';

/** A lab of a test's own, in a runtime directory of its own. */
export interface TestLab {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly lab: Lab;
  /** Raw requests as the administrator. */
  readonly api: ApiClient;
  /** The product's own client. */
  readonly client: ClusterClient;
  /** Creates objects, in order; fails the test when one is refused. */
  create(...objects: readonly KubernetesObject[]): Promise<void>;
  /** Waits until a read of this path satisfies the condition, and gives what was read. */
  until(path: string, condition: (body: unknown) => boolean): Promise<unknown>;
  /** Waits until every pod of the namespace is Ready, and gives them. */
  podsReady(namespace: string, count: number): Promise<readonly KubernetesObject[]>;
  /** Waits until the workloads of these namespaces have all the pods they want, all Ready, and gives the pods. */
  allPodsReady(namespaces: readonly string[]): Promise<readonly KubernetesObject[]>;
  /** Opens a probe that stays in a pod. Closed with the lab. */
  session(namespace: string, pod: string, container?: string): Promise<PodSession>;
  /** Waits until the policy agents of all nodes enforce every policy as it is now, on every pod there is. */
  enforced(): Promise<void>;
  stop(): Promise<void>;
}

const PATIENCE_MS = 90_000;
const POLL_MS = 50;
const POLICY_AGENT_PORT = 9099;

/** Starts it; whoever starts it stops it. */
export async function startTestLab(options: LabOptions = {}): Promise<TestLab> {
  const runtime = mkdtempSync(join(tmpdir(), 'seaworthy-lab-'));
  const env = { ...process.env, XDG_RUNTIME_DIR: runtime };
  const lab = await startLab({ ...options, env });
  const client = connect({ labKubeconfig: lab.kubeconfigPath }, env, process.cwd());
  const access = accessOf(lab.kubeconfigPath);
  const api = createApiClient({ kind: 'tls', ...access });
  const sessions: PodSession[] = [];
  let watcher: Promise<PodSession> | undefined;

  async function until(path: string, condition: (body: unknown) => boolean): Promise<unknown> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const { body } = await api.get(path);
      if (condition(body)) return body;
      if (Date.now() > deadline) throw new Error(`gave up waiting on ${path}: ${JSON.stringify(body).slice(0, 2_000)}`);
      await delay(POLL_MS);
    }
  }

  async function items(path: string): Promise<readonly KubernetesObject[]> {
    const { body } = await api.get(path);
    return records(at(body, 'items')).map(([, item]) => item as KubernetesObject);
  }

  async function session(namespace: string, pod: string, container?: string): Promise<PodSession> {
    const opened = await openPodSession(access, { namespace, pod, ...(container === undefined ? {} : { container }) });
    sessions.push(opened);
    return opened;
  }

  /** A policy agent's pod is on its node's network, where no policy keeps it from the other agents. */
  async function openWatcher(): Promise<PodSession> {
    const [agent] = await items('/api/v1/namespaces/kube-system/pods?labelSelector=app%3Dpolicy-agent');
    return session('kube-system', agent?.metadata.name ?? '');
  }

  return {
    env,
    lab,
    api,
    client,
    until,
    session,
    async create(...objects) {
      for (const object of objects) {
        const made = await client.create(object);
        if (made.kind !== 'ok')
          throw new Error(`${object.kind} ${object.metadata.name} was refused: ${JSON.stringify(made)}`);
      }
    },
    async podsReady(namespace, count) {
      const path = `/api/v1/namespaces/${namespace}/pods`;
      const body = await until(path, (found) => {
        const pods = records(at(found, 'items'));
        return pods.length === count && pods.every(([, pod]) => isReady(pod));
      });
      return records(at(body, 'items')).map(([, pod]) => pod as KubernetesObject);
    },
    async allPodsReady(namespaces) {
      const pods: KubernetesObject[] = [];
      for (const namespace of namespaces) {
        for (const kind of ['deployments', 'statefulsets', 'daemonsets'])
          await until(`/apis/apps/v1/namespaces/${namespace}/${kind}`, (found) =>
            records(at(found, 'items')).every(([, workload]) => hasAllPods(workload)),
          );
        const path = `/api/v1/namespaces/${namespace}/pods`;
        await until(path, (found) => records(at(found, 'items')).every(([, pod]) => isReady(pod)));
        pods.push(...(await items(path)));
      }
      return pods;
    },
    async enforced() {
      const reader = await (watcher ??= openWatcher());
      const nodes = await items('/api/v1/nodes');
      const deadline = Date.now() + PATIENCE_MS;
      for (;;) {
        const wanted = {
          networkPolicies: versions(await items('/apis/networking.k8s.io/v1/networkpolicies')),
          namespaces: versions(await items('/api/v1/namespaces')),
          pods: versions(await items('/api/v1/pods')),
        };
        const answers = await Promise.all(
          nodes.map((node) => {
            const address = text(at(node, 'status', 'addresses', 0, 'address')) ?? '';
            return reader.get(`http://${address}:${POLICY_AGENT_PORT}/enforced`);
          }),
        );
        if (answers.every((answer) => sameVersions(answer, wanted))) return;
        if (Date.now() > deadline) throw new Error(`the policy agents don't enforce what is there: ${answers[0]}`);
        await delay(POLL_MS / 2);
      }
    },
    async stop() {
      for (const opened of sessions) opened.close();
      client.close();
      await lab.stop();
      rmSync(runtime, { recursive: true, force: true });
    },
  };
}

function hasAllPods(workload: unknown): boolean {
  const wanted = at(workload, 'status', 'desiredNumberScheduled') ?? at(workload, 'spec', 'replicas');
  const ready = at(workload, 'status', 'readyReplicas') ?? at(workload, 'status', 'numberReady') ?? 0;
  const seen = at(workload, 'status', 'observedGeneration') === at(workload, 'metadata', 'generation');
  return seen && ready === wanted;
}

type Versions = Readonly<Record<string, string>>;

function versions(objects: readonly KubernetesObject[]): Versions {
  return Object.fromEntries(
    objects.map(({ metadata: { namespace, name, resourceVersion = '' } }) => [
      namespace === undefined ? name : `${namespace}/${name}`,
      resourceVersion,
    ]),
  );
}

function sameVersions(answer: string, wanted: Readonly<Record<string, Versions>>): boolean {
  try {
    const enforced: unknown = JSON.parse(answer);
    return Object.entries(wanted).every(([kind, objects]) => {
      const known = at(enforced, kind) as Versions | undefined;
      return (
        known !== undefined &&
        Object.keys(known).length === Object.keys(objects).length &&
        Object.entries(objects).every(([name, version]) => known[name] === version)
      );
    });
  } catch {
    return false;
  }
}
