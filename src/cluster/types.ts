import type { AccessRequest, Requester } from '../analysis/access/types.ts';
import type { KubernetesObject, ObjectRef } from '../model/object.ts';
import type { Outcome } from '../model/outcome.ts';
import type { KubernetesVersion } from '../model/snapshot.ts';

/** A kind as the API server serves it: how to reach its collection. */
export interface ApiResource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Plural, as in the path. */
  readonly resource: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

/** Which objects are listed or watched. */
export interface ListOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Objects a page; 500 when absent. */
  readonly pageSize?: number;
  /** Ask for names, labels and the like only (PartialObjectMetadata): how Secrets are listed without their values. */
  readonly metadataOnly?: boolean;
  readonly signal?: AbortSignal;
}

/** One change seen by a watch. `synced` ends the initial list; `relist` says that what follows replaces all that was known. */
export type WatchEvent =
  | { readonly kind: 'relist' }
  | { readonly kind: 'upsert'; readonly object: KubernetesObject }
  | { readonly kind: 'delete'; readonly object: KubernetesObject }
  | { readonly kind: 'synced'; readonly resourceVersion: string }
  | { readonly kind: 'interrupted'; readonly because: string; readonly retryInMs: number };

/** How something is written. */
export interface WriteOptions {
  readonly dryRun?: boolean;
  /** Field manager of server-side apply; `seaworthy` when absent. */
  readonly fieldManager?: string;
  readonly signal?: AbortSignal;
}

/** How something is deleted. */
export interface DeleteOptions {
  /** Only this very object, and no other that has taken its name. */
  readonly uid?: string;
  readonly gracePeriodSeconds?: number;
  /** What becomes of what it owns; the server's default for the kind when absent (a Job's pods stay, oddly). */
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
}

/** A container of a pod; the first where none is named. */
export interface PodAddress {
  readonly namespace: string;
  readonly pod: string;
  readonly container?: string;
}

/** How a command is run in a container. */
export interface ExecOptions {
  readonly stdin?: string | Uint8Array;
  /** Ends the session after this long; the result then has `kind: 'timeout'`. 30,000 when absent. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** What became of a command. */
export type ExecResult =
  | { readonly kind: 'exited'; readonly code: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'timeout'; readonly stdout: string; readonly stderr: string }
  /** The command could not be started: no such container, no such program, forbidden, connection lost. */
  | { readonly kind: 'failed'; readonly because: string };

/** A command that runs in a container with its streams kept open. */
export interface ExecSession {
  /** What it prints on its standard output, line by line, for one reader; ends when the command or the connection does. */
  readonly lines: AsyncIterable<string>;
  write(text: string): void;
  /** Ends its standard input: what reads that to its end then ends too. */
  end(): void;
  /** Hangs up at once. */
  close(): void;
  /** How it ended. Never rejects; `stdout` is empty, being in `lines`. */
  readonly ended: Promise<ExecResult>;
}

/** The patches an API server understands. */
export type PatchType = 'merge' | 'strategic' | 'json' | 'apply';

/** What we need of a cluster, over HTTP. Read-only methods first. Throws SeaworthyError SW_API_UNREACHABLE (exit 4) when nobody answers. */
export interface ClusterClient {
  /** Name of the kubeconfig context, or `in-cluster`. */
  readonly context: string;
  readonly server: string;
  /** Namespace of the context; `default` when it names none. */
  readonly namespace: string;

  version(signal?: AbortSignal): Promise<KubernetesVersion>;
  /** Every kind served, in its preferred version; groups whose discovery failed are named. */
  discover(
    signal?: AbortSignal,
  ): Promise<{ readonly resources: readonly ApiResource[]; readonly failed: readonly string[] }>;
  /** The preferred resource of a kind; undefined when it is not served. */
  resourceOf(apiVersion: string, kind: string): Promise<ApiResource | undefined>;
  /** Pages of raw objects; the first answer may be a refusal, which ends the iteration. Restarts on 410. */
  list(resource: ApiResource, options?: ListOptions): AsyncIterable<Outcome<readonly KubernetesObject[]>>;
  get(ref: ObjectRef, signal?: AbortSignal): Promise<Outcome<KubernetesObject>>;
  /** Never ends by itself: resumes after drops, 410 and silence. Ends when the signal aborts. */
  watch(resource: ApiResource, options?: ListOptions): AsyncIterable<WatchEvent>;
  logs(
    pod: PodAddress,
    options?: { readonly tailLines?: number; readonly signal?: AbortSignal },
  ): Promise<Outcome<string>>;
  /** Asks the API server whether a subject may do something (SubjectAccessReview), or we ourselves (SelfSubjectAccessReview). */
  review(
    request: AccessRequest,
    as?: Requester,
  ): Promise<Outcome<{ readonly allowed: boolean; readonly reason: string }>>;
  whoAmI(): Promise<Outcome<Requester>>;

  create(object: KubernetesObject, options?: WriteOptions): Promise<Outcome<KubernetesObject>>;
  /** Server-side apply. */
  apply(object: KubernetesObject, options?: WriteOptions): Promise<Outcome<KubernetesObject>>;
  replace(object: KubernetesObject, options?: WriteOptions): Promise<Outcome<KubernetesObject>>;
  patch(
    ref: ObjectRef,
    type: PatchType,
    patch: unknown,
    options?: WriteOptions & { readonly subresource?: string },
  ): Promise<Outcome<KubernetesObject>>;
  /** `uid` guards against deleting another object of the same name. */
  delete(ref: ObjectRef, options?: WriteOptions & DeleteOptions): Promise<Outcome<KubernetesObject | undefined>>;
  evict(
    pod: PodAddress,
    options?: WriteOptions & { readonly gracePeriodSeconds?: number },
  ): Promise<Outcome<undefined>>;
  exec(pod: PodAddress, command: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  /** Starts a command that is talked with line by line. Sessions still open are hung up on `close`. */
  openExec(pod: PodAddress, command: readonly string[]): Promise<ExecSession>;
  /** The same client asking as somebody else (impersonation headers). */
  as(requester: Requester): ClusterClient;
  close(): void;
}
