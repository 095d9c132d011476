import type { JsonRecord } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import type { NodeContext } from './context.ts';
import type { Sandbox } from './sandbox.ts';

/** One pod while it is on this node: what its volumes and its containers need of it. */
export interface PodRun {
  readonly node: NodeContext;
  /** The object as it is now; its spec does not change. */
  readonly pod: () => KubernetesObject;
  readonly spec: JsonRecord;
  /** The pod's own place on the node's disk. */
  readonly directory: string;
  readonly logDirectory: string;
  readonly sandbox: () => Sandbox | undefined;
  /** Directories of the volumes that are ready, by name. */
  readonly volumes: Map<string, string>;
  readonly stopped: () => boolean;
  /** Waits, unless the pod is to stop. */
  pause(ms: number): Promise<void>;
  /** Publishes the status. */
  publish(): void;
  event(type: 'Normal' | 'Warning', reason: string, message: string): void;
}

/** Between tries of what may succeed any moment. */
export const RETRY_MS = 1_000;
