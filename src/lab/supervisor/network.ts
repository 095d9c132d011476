import { writeFileSync } from 'node:fs';
import {
  networksOf,
  nodePlan,
  OUTSIDE,
  supervisorAddress,
  type FamilyNetwork,
  type NodePlan,
} from '../network/addresses.ts';
import { ipBatch, runCommand } from '../network/commands.ts';
import { familyOf, ofFamily, type IpFamily } from '../network/ip.ts';

const BRIDGE = 'lab0';

/** The wire between the nodes, in the supervisor's own network namespace, and routes to what is behind them. */
export async function createLabNetwork(nodes: number, families: readonly IpFamily[]): Promise<readonly NodePlan[]> {
  const plans = Array.from({ length: nodes }, (_, index) => nodePlan(index + 1, families));
  await ipBatch([
    'link set lo up',
    `link add ${BRIDGE} type bridge`,
    `link set ${BRIDGE} addrgenmode none up`,
    ...networksOf(families).flatMap((network) => [
      `addr add ${network.outside} dev lo`,
      ...addressOn(BRIDGE, supervisorAddress(network), network.nodesLength),
      ...plans.map((plan) => routeToPods(plan, network)),
      // Services have no address of their own: a packet to one must reach no default route and wander.
      `route add unreachable ${network.services} metric 4096`,
      `route add unreachable ${network.pods} metric 4096`,
    ]),
  ]);
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
  if (families.includes('IPv6')) writeFileSync('/proc/sys/net/ipv6/conf/all/forwarding', '1');
  return plans;
}

/**
 * An address of an interface, and for IPv6 the link-local one from which a machine that forwards asks its neighbours.
 * Nobody else takes either, so nobody waits to find out (no duplicate address detection).
 */
function addressOn(device: string, address: string, length: number): readonly string[] {
  const own = `addr add ${address}/${length} dev ${device}`;
  if (familyOf(address) === 'IPv4') return [own];
  return [`${own} nodad`, `addr add ${address.replace(/^.*::/, 'fe80::')}/64 dev ${device} nodad`];
}

function routeToPods(plan: NodePlan, { family }: FamilyNetwork): string {
  return `route add ${ofFamily(plan.podCidrs, family)} via ${ofFamily(plan.addresses, family)}`;
}

/**
 * A network namespace in which every address that is not the cluster's is a local one: a program there can be anybody
 * on the internet. The nodes are reached from it; the addresses of pods and Services are lost on the way, as they are
 * on the internet.
 */
export async function createOutsideNetwork(families: readonly IpFamily[]): Promise<void> {
  await runCommand('ip', ['netns', 'add', OUTSIDE]);
  await ipBatch([
    `link add ${OUTSIDE} type veth peer name eth0 netns ${OUTSIDE}`,
    `link set ${OUTSIDE} addrgenmode none up`,
  ]);
  await ipBatch(['link set lo up', 'link set eth0 addrgenmode none up'], { namespace: OUTSIDE });
  // An IPv4 address is one's own where a route says that it is local; an IPv6 address has to be allowed besides.
  const anybody = 'echo 1 > /proc/sys/net/ipv6/ip_nonlocal_bind';
  if (families.includes('IPv6')) await runCommand('nsenter', [`--net=/run/netns/${OUTSIDE}`, '/bin/sh', '-c', anybody]);
  for (const { family, nodes, pods, services, outsideWire } of networksOf(families)) {
    const ours = [nodes, pods, services];
    const { near, far, length } = outsideWire;
    await ipBatch(
      [
        ...addressOn(OUTSIDE, near, length),
        `route add default via ${far}`,
        ...[pods, services].map((network) => `rule add iif ${OUTSIDE} to ${network} blackhole`),
      ],
      { family },
    );
    await ipBatch(
      [
        ...addressOn('eth0', far, length),
        ...ours.map((network) => `route add ${network} via ${near}`),
        'route add local default dev lo table local',
        // The cluster first; the rule that asks the local table stands before all others, so it moves.
        ...ours.map((network) => `rule add pref 1 to ${network} lookup main`),
        'rule add pref 2 lookup local',
        'rule del pref 0',
      ],
      { namespace: OUTSIDE, family },
    );
  }
}

/** A network namespace for a node, wired to the bridge. Safe to repeat after the node was lost. */
export async function createNodeNetwork(plan: NodePlan, all: readonly NodePlan[]): Promise<void> {
  await runCommand('ip', ['netns', 'add', plan.name]);
  await ipBatch([
    `link add ${plan.name} type veth peer name eth0 netns ${plan.name}`,
    `link set ${plan.name} master ${BRIDGE} addrgenmode none up`,
  ]);
  const others = all.filter((other) => other.name !== plan.name);
  await ipBatch(
    [
      'link set lo up',
      `link set eth0 address ${plan.mac} addrgenmode none up`,
      ...networksOf(plan.addresses.map(familyOf)).flatMap((network) => [
        ...addressOn('eth0', ofFamily(plan.addresses, network.family) ?? '', network.nodesLength),
        `route add default via ${supervisorAddress(network)}`,
        ...others.map((other) => routeToPods(other, network)),
        `route add unreachable ${ofFamily(plan.podCidrs, network.family)}`,
      ]),
    ],
    { namespace: plan.name },
  );
}

/** Takes a node's wire away; its namespace goes when its last process does. */
export async function removeNodeNetwork(plan: NodePlan): Promise<void> {
  await runCommand('ip', ['link', 'del', plan.name]).catch(() => undefined);
  await runCommand('ip', ['netns', 'del', plan.name]).catch(() => undefined);
}
