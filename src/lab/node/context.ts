import type { ApiClient } from '../client/api-client.ts';
import type { JsonRecord } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import type { NodePlan } from '../network/addresses.ts';
import type { BaseRoot } from './base-root.ts';
import type { RunningContainer } from './container.ts';
import type { AddressPool } from './sandbox.ts';

/** What every pod of a node needs of its node. */
export interface NodeContext {
  readonly plan: NodePlan;
  /** The node's own place on disk: pods, logs, claims and its root. */
  readonly directory: string;
  /** What hostPath volumes see as `/`. */
  readonly hostRoot: string;
  readonly base: BaseRoot;
  readonly cgroup: string;
  readonly addresses: AddressPool;
  readonly client: ApiClient;
  readonly events: EventRecorder;
  readonly status: StatusPublisher;
  readonly hooks: LifecycleHooks;
  /** Services seen from a namespace, for environment variables. */
  services(namespace: string): readonly KubernetesObject[];
  /** Runs a command in a container to its end. */
  exec(
    container: RunningContainer,
    command: readonly string[],
    timeoutMs: number,
  ): Promise<{ readonly code: number; readonly output: string }>;
  /** Tells the API server that nothing of the pod is left here. */
  deletePod(pod: KubernetesObject): Promise<void>;
}

export interface EventRecorder {
  record(about: KubernetesObject, type: 'Normal' | 'Warning', reason: string, message: string): void;
}

export interface StatusPublisher {
  /** Publishes soon; of several in a row only the last is sent. `make` is called when it is. */
  publish(pod: KubernetesObject, make: () => JsonRecord): void;
}

export interface LifecycleHooks {
  /** Runs a preStop handler, no longer than the grace period. Its failure keeps nothing from stopping. */
  preStop(handler: unknown, container: RunningContainer, address: string, graceMs: number): Promise<void>;
}

/** Path of an object of the core group in the API. */
export function corePath(kind: 'pods' | 'configmaps' | 'secrets' | 'events', namespace: string, name?: string): string {
  return `/api/v1/namespaces/${namespace}/${kind}${name === undefined ? '' : `/${name}`}`;
}
