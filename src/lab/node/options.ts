import type { NodePlan } from '../network/addresses.ts';

/** What the supervisor tells a node agent (environment SEAWORTHY_LAB_NODE, JSON). */
export interface NodeOptions {
  readonly plan: NodePlan;
  /** The node's place on disk. */
  readonly directory: string;
  readonly cgroup: string;
  readonly apiSocket: string;
  readonly token: string;
  /** Where it serves exec and logs. */
  readonly runtimeSocket: string;
}
