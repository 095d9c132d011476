import { writeFileSync } from 'node:fs';
import {
  nodePlan,
  OUTSIDE_ADDRESS,
  POD_NETWORK,
  SERVICE_NETWORK,
  SUPERVISOR_ADDRESS,
  type NodePlan,
} from '../network/addresses.ts';
import { ipBatch, runCommand } from '../network/commands.ts';

const BRIDGE = 'lab0';

/** The wire between the nodes, in the supervisor's own network namespace, and routes to what is behind them. */
export async function createLabNetwork(nodes: number): Promise<readonly NodePlan[]> {
  const plans = Array.from({ length: nodes }, (_, index) => nodePlan(index + 1));
  await ipBatch([
    'link set lo up',
    `addr add ${OUTSIDE_ADDRESS}/32 dev lo`,
    `link add ${BRIDGE} type bridge`,
    `addr add ${SUPERVISOR_ADDRESS}/24 dev ${BRIDGE}`,
    `link set ${BRIDGE} up`,
    ...plans.map((plan) => `route add ${plan.podCidr} via ${plan.address}`),
    // Services have no address of their own: a packet to one must reach no default route and wander.
    `route add unreachable ${SERVICE_NETWORK} metric 4096`,
    `route add unreachable ${POD_NETWORK} metric 4096`,
  ]);
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
  return plans;
}

/** A network namespace for a node, wired to the bridge. Safe to repeat after the node was lost. */
export async function createNodeNetwork(plan: NodePlan, all: readonly NodePlan[]): Promise<void> {
  await runCommand('ip', ['netns', 'add', plan.name]);
  await ipBatch([
    `link add ${plan.name} type veth peer name eth0 netns ${plan.name}`,
    `link set ${plan.name} master ${BRIDGE} up`,
  ]);
  const others = all.filter((other) => other.name !== plan.name);
  await ipBatch(
    [
      'link set lo up',
      `addr add ${plan.address}/24 dev eth0`,
      'link set eth0 up',
      `route add default via ${SUPERVISOR_ADDRESS}`,
      ...others.map((other) => `route add ${other.podCidr} via ${other.address}`),
      `route add unreachable ${plan.podCidr}`,
    ],
    plan.name,
  );
}

/** Takes a node's wire away; its namespace goes when its last process does. */
export async function removeNodeNetwork(plan: NodePlan): Promise<void> {
  await runCommand('ip', ['link', 'del', plan.name]).catch(() => undefined);
  await runCommand('ip', ['netns', 'del', plan.name]).catch(() => undefined);
}
