/** The seam between the lab's API server and what runs its pods. */

export interface PodTarget {
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string;
  readonly node: string;
  readonly container: string;
}

export interface ExecProcess {
  readonly stdout: AsyncIterable<Uint8Array>;
  readonly stderr: AsyncIterable<Uint8Array>;
  write(chunk: Uint8Array): void;
  closeStdin(): void;
  resize(columns: number, rows: number): void;
  /** Exit code of the command; rejects when it could not be started. */
  readonly exited: Promise<number>;
  kill(): void;
}

/** Which lines of a log are wanted, and how they are shown. */
export interface LogView {
  /** Lines before this time (milliseconds since 1970) are left out. */
  readonly sinceMs?: number;
  readonly tailLines?: number;
  /** Each line begins with its time. */
  readonly timestamps?: boolean;
}

/** What the API server asks of the nodes: nothing else of them is its business; all else goes through objects. */
export interface PodRuntime {
  exec(
    target: PodTarget,
    options: { readonly command: readonly string[]; readonly stdin: boolean; readonly tty: boolean },
  ): Promise<ExecProcess>;
  logs(
    target: PodTarget,
    options: LogView & { readonly follow: boolean; readonly previous: boolean; readonly signal: AbortSignal },
  ): AsyncIterable<Uint8Array>;
  /** Bytes to and from a port of the pod's own network, as port-forward needs. */
  dial(target: PodTarget, port: number): Promise<NodeJS.ReadWriteStream>;
  /** The kubelet's read endpoints `/metrics/resource` and `/stats/summary` of a node. */
  kubeletGet(
    node: string,
    path: string,
  ): Promise<{ readonly status: number; readonly contentType: string; readonly body: string }>;
}
