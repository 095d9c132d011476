import type { ApiServer } from '../api/server.ts';
import { runController, type Controller } from './controller.ts';
import { daemonSet } from './daemon-set.ts';
import { deployment } from './deployment.ts';
import { disruption } from './disruption.ts';
import { endpoints } from './endpoints.ts';
import { garbageCollector } from './garbage-collector.ts';
import { job } from './job.ts';
import { namespaceFinalizer } from './namespace.ts';
import { namespaceContents } from './namespace-contents.ts';
import { nodeLifecycle, type NodeLifecycleOptions } from './node-lifecycle.ts';
import { replicaSet } from './replica-set.ts';
import { roleAggregation } from './role-aggregation.ts';
import { scheduler } from './scheduler.ts';
import { statefulSet } from './stateful-set.ts';

const DEFAULTS: NodeLifecycleOptions = { lostAfterMs: 10_000, mostTolerationMs: 10_000 };

/** Starts every controller over the server's own API; the returned function stops them. */
export function startControllers(server: ApiServer, options: Partial<NodeLifecycleOptions> = {}): () => void {
  const all: readonly Controller[] = [
    roleAggregation,
    namespaceContents(server.ca),
    namespaceFinalizer(server.core),
    garbageCollector(server.core),
    deployment,
    replicaSet,
    statefulSet,
    daemonSet,
    job,
    scheduler,
    endpoints,
    disruption,
    nodeLifecycle({ ...DEFAULTS, ...options }),
  ];
  const stops = all.map((controller) => {
    // system:masters, so that nobody's edit of a default role stops the cluster's own machinery.
    const client = server.client(`system:serviceaccount:kube-system:${controller.name}`, ['system:masters']);
    return runController(controller, client, server.core.now);
  });
  return () => stops.forEach((stop) => stop());
}
