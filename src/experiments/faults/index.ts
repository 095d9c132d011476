import { canaryNamespace } from './canary-namespace.ts';
import { cpuStarvation } from './cpu-starvation.ts';
import type { Fault } from './define-fault.ts';
import { externalCommand } from './external-command.ts';
import { memoryStarvation } from './memory-starvation.ts';
import { networkPartition } from './network-partition.ts';
import { nodeLoss } from './node-loss.ts';
import { nodePartition } from './node-partition.ts';
import { nodePower } from './node-power.ts';
import { podKill } from './pod-kill.ts';
import { policyAgentLag } from './policy-agent-lag.ts';
import { policyAgentLoss } from './policy-agent-loss.ts';
import { sham } from './sham.ts';

/** Every fault we know. A new one is one file and one entry here. */
export const FAULTS = [
  podKill,
  networkPartition,
  cpuStarvation,
  memoryStarvation,
  nodeLoss,
  nodePartition,
  nodePower,
  policyAgentLoss,
  policyAgentLag,
  externalCommand,
  sham,
] as const;

/** The fault of an id; undefined for one we don't know, such as one of a newer version. */
export function faultOf(id: string): Fault | undefined {
  // The canary of `reach probe` is journalled like a fault, and is none that an experiment can ask for.
  const faults: readonly Fault[] = [...FAULTS, canaryNamespace];
  return faults.find((fault) => fault.id === id);
}

/** How a fault is named in an experiment file: `pod-kill` is `podKill`. */
export function faultKey(id: string): string {
  return id.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
