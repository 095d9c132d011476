import type { AccessRequest, Requester } from '../analysis/access/types.ts';
import type {
  ApiResource,
  DeleteOptions,
  ExecOptions,
  ExecResult,
  ExecSession,
  ListOptions,
  PatchType,
  PodAddress,
  WriteOptions,
} from '../cluster/types.ts';
import type { KubernetesObject, ObjectRef } from '../model/object.ts';
import type { Outcome } from '../model/outcome.ts';

/** What probes, faults and experiments need of a cluster, and nothing more. A `ClusterClient` is one. */
export interface Cluster {
  readonly context: string;
  readonly server: string;
  /** The same cluster as somebody else sees it (impersonation). */
  as(requester: Requester): Cluster;
  resourceOf(apiVersion: string, kind: string): Promise<ApiResource | undefined>;
  list(resource: ApiResource, options?: ListOptions): AsyncIterable<Outcome<readonly KubernetesObject[]>>;
  get(ref: ObjectRef, signal?: AbortSignal): Promise<Outcome<KubernetesObject>>;
  review(
    request: AccessRequest,
    as?: Requester,
  ): Promise<Outcome<{ readonly allowed: boolean; readonly reason: string }>>;
  create(object: KubernetesObject, options?: WriteOptions): Promise<Outcome<KubernetesObject>>;
  patch(
    ref: ObjectRef,
    type: PatchType,
    patch: unknown,
    options?: WriteOptions & { readonly subresource?: string },
  ): Promise<Outcome<KubernetesObject>>;
  delete(ref: ObjectRef, options?: WriteOptions & DeleteOptions): Promise<Outcome<KubernetesObject | undefined>>;
  exec(pod: PodAddress, command: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  openExec(pod: PodAddress, command: readonly string[]): Promise<ExecSession>;
}

/** Time as the conductor knows it. `sleep` ends early, without throwing, when the signal aborts. */
export interface Clock {
  now(): Date;
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** Numbers in [0, 1), as `Math.random` gives them; a run keeps its seed so that it can be repeated. */
export type Rng = () => number;
