import { writeFileSync } from 'node:fs';
import {
  NODE_NETWORK,
  nodePlan,
  OUTSIDE,
  OUTSIDE_ADDRESS,
  OUTSIDE_WIRE,
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

/**
 * A network namespace in which every address that is not the cluster's is a local one: a program there can be anybody
 * on the internet. The nodes are reached from it; the addresses of pods and Services are lost on the way, as they are
 * on the internet.
 */
export async function createOutsideNetwork(): Promise<void> {
  const ours = [NODE_NETWORK, POD_NETWORK, SERVICE_NETWORK];
  await runCommand('ip', ['netns', 'add', OUTSIDE]);
  await ipBatch([
    `link add ${OUTSIDE} type veth peer name eth0 netns ${OUTSIDE}`,
    `addr add ${OUTSIDE_WIRE.near}/30 dev ${OUTSIDE}`,
    `link set ${OUTSIDE} up`,
    `route add default via ${OUTSIDE_WIRE.far}`,
    ...[POD_NETWORK, SERVICE_NETWORK].map((network) => `rule add iif ${OUTSIDE} to ${network} blackhole`),
  ]);
  await ipBatch(
    [
      'link set lo up',
      `addr add ${OUTSIDE_WIRE.far}/30 dev eth0`,
      'link set eth0 up',
      ...ours.map((network) => `route add ${network} via ${OUTSIDE_WIRE.near}`),
      'route add local default dev lo table local',
      // The cluster first; the rule that asks the local table stands before all others, so it moves.
      ...ours.map((network) => `rule add pref 1 to ${network} lookup main`),
      'rule add pref 2 lookup local',
      'rule del pref 0',
    ],
    OUTSIDE,
  );
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
