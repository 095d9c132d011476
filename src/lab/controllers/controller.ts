import { messageOf } from '../../model/errors.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { ApiError } from '../api/http/status.ts';
import type { KindName, LocalClient } from '../api/local-client.ts';

/** What a controller is given at each turn. */
export interface Turn {
  readonly client: LocalClient;
  readonly now: Date;
  /** Asks for another turn after a while, for what depends on time. */
  readonly again: (afterMs: number) => void;
}

/**
 * A control loop: whenever one of the kinds it watches changes, `reconcile` compares what is with what should be,
 * over the whole cluster, and writes the difference. It keeps no state between turns, so a lost turn costs nothing.
 */
export interface Controller {
  readonly name: string;
  readonly watches: readonly KindName[];
  readonly reconcile: (turn: Turn) => void;
}

export const KIND = {
  pod: { apiVersion: 'v1', kind: 'Pod' },
  node: { apiVersion: 'v1', kind: 'Node' },
  namespace: { apiVersion: 'v1', kind: 'Namespace' },
  service: { apiVersion: 'v1', kind: 'Service' },
  serviceAccount: { apiVersion: 'v1', kind: 'ServiceAccount' },
  configMap: { apiVersion: 'v1', kind: 'ConfigMap' },
  endpoints: { apiVersion: 'v1', kind: 'Endpoints' },
  endpointSlice: { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' },
  lease: { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' },
  deployment: { apiVersion: 'apps/v1', kind: 'Deployment' },
  replicaSet: { apiVersion: 'apps/v1', kind: 'ReplicaSet' },
  statefulSet: { apiVersion: 'apps/v1', kind: 'StatefulSet' },
  daemonSet: { apiVersion: 'apps/v1', kind: 'DaemonSet' },
  job: { apiVersion: 'batch/v1', kind: 'Job' },
  budget: { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' },
  clusterRole: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole' },
} as const satisfies Record<string, KindName>;

const RETRY_MS = 500;

/** Runs a controller until the returned function is called. Changes that come together are one turn. */
export function runController(controller: Controller, client: LocalClient, now: () => Date): () => void {
  let scheduled = false;
  let stopped = false;
  const timers = new Set<NodeJS.Timeout>();
  const again = (afterMs: number): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      schedule();
    }, afterMs);
    timers.add(timer);
  };
  const turn = (): void => {
    scheduled = false;
    if (stopped) return;
    try {
      controller.reconcile({ client, now: now(), again });
    } catch (thrown) {
      again(RETRY_MS);
      if (!(thrown instanceof ApiError)) process.stderr.write(`${controller.name}: ${messageOf(thrown)}\n`);
    }
  };
  const schedule = (): void => {
    if (scheduled || stopped) return;
    scheduled = true;
    setImmediate(turn);
  };
  const unfollow = controller.watches.map((kind) => client.follow(kind, schedule));
  schedule();
  return () => {
    stopped = true;
    for (const stop of unfollow) stop();
    for (const timer of timers) clearTimeout(timer);
  };
}

/** Refusals that are part of life: forbidden (Pod Security, quota), a conflict. Others are a controller's mistake. */
const PASSING: ReadonlySet<number> = new Set([403, 409]);

/** Does one object's work; a refusal by the API server (a conflict, a quota, Pod Security) leaves the others theirs. */
export function each(objects: readonly KubernetesObject[], turn: Turn, work: (object: KubernetesObject) => void): void {
  for (const object of objects) {
    try {
      work(object);
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown;
      if (thrown.code === 404) continue;
      turn.again(RETRY_MS);
      const { kind, metadata } = object;
      if (!PASSING.has(thrown.code))
        process.stderr.write(`${kind} ${metadata.namespace ?? ''}/${metadata.name}: ${thrown.message}\n`);
    }
  }
}
