import { createHash } from 'node:crypto';

/** The lab's own addressing. None of it exists on the host: the supervisor has a network namespace of its own. */
export const NODE_NETWORK = '172.29.0.0/24';
export const SUPERVISOR_ADDRESS = '172.29.0.1';
export const API_PORT = 6443;
export const SERVICE_NETWORK = '10.96.0.0/12';
export const KUBERNETES_SERVICE_ADDRESS = '10.96.0.1';
export const DNS_SERVICE_ADDRESS = '10.96.0.10';
export const CLUSTER_DOMAIN = 'cluster.local';
export const POD_NETWORK = '10.244.0.0/16';
/** An address outside the cluster (TEST-NET-3) where the lab plays "the internet": it answers HTTP on port 80. */
export const OUTSIDE_ADDRESS = '203.0.113.10';
/** Name of the network namespace that plays everybody outside, and of the supervisor's end of the wire to it. */
export const OUTSIDE = 'outside';
/** The wire between the supervisor and everybody outside. */
export const OUTSIDE_WIRE = { near: '169.254.77.1', far: '169.254.77.2' } as const;
/** Next hop of every pod: the near end of its own interface, so that all its packets pass the node's rules. */
export const POD_GATEWAY = '169.254.1.1';
export const POD_GATEWAY_MAC = 'ee:ee:ee:ee:ee:ee';

export interface NodePlan {
  readonly name: string;
  /** On the bridge between the nodes. */
  readonly address: string;
  readonly podCidr: string;
  /** `10.244.1.`: an address of a pod is this and a number from 2 to 254. */
  readonly podPrefix: string;
}

/** Node `worker-N` of the lab; N from 1. */
export function nodePlan(index: number): NodePlan {
  return {
    name: `worker-${index}`,
    address: `172.29.0.${10 + index}`,
    podCidr: `10.244.${index}.0/24`,
    podPrefix: `10.244.${index}.`,
  };
}

/** Name of a pod's interface on its node, from its uid: what the policy agent goes by, as CNI plugins do. */
export function podInterface(uid: string): string {
  return `pod${createHash('sha256').update(uid).digest('hex').slice(0, 11)}`;
}
