import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { podInterface, POD_GATEWAY, POD_GATEWAY_MAC, type NodePlan } from '../network/addresses.ts';
import { ipBatch, runCommand, tryRun } from '../network/commands.ts';

/**
 * What the containers of a pod share and what outlives each of them: network, host name and IPC. Held by files the
 * namespaces are mounted on, so no process is needed to keep them.
 */
export type Sandbox =
  | { readonly kind: 'own'; readonly address: string; readonly join: readonly string[]; remove(): Promise<void> }
  /** `hostNetwork`: the node's own network. */
  | { readonly kind: 'node'; readonly address: string; readonly join: readonly string[]; remove(): Promise<void> };

/** Hands out the addresses of one node's pods; one given back is used again as late as possible. */
export interface AddressPool {
  take(): string;
  giveBack(address: string): void;
}

export function createAddressPool(prefix: string): AddressPool {
  const free = Array.from({ length: 253 }, (_, index) => `${prefix}${index + 2}`);
  return {
    take: () => {
      const address = free.shift();
      if (address === undefined) throw new Error(`no free address in ${prefix}0/24`);
      return address;
    },
    giveBack: (address) => void free.push(address),
  };
}

const HOLDERS = '/run/sandboxes';

/**
 * First and only process of new namespaces. Ports below 1024 need no capability, as containerd has it; IPv6 is off,
 * the lab being IPv4 only.
 */
const SETTLE = `hostname "$1"
echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start
echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6`;

/** Makes a pod's namespaces and its wire to the node. */
export async function createSandbox(uid: string, hostname: string, pool: AddressPool): Promise<Sandbox> {
  const holder = `${HOLDERS}/${uid}`;
  const network = `/run/netns/${uid}`;
  const device = podInterface(uid);
  const address = pool.take();
  mkdirSync(holder, { recursive: true });
  mkdirSync('/run/netns', { recursive: true });
  for (const file of [network, `${holder}/uts`, `${holder}/ipc`]) writeFileSync(file, '');
  const remove = async (): Promise<void> => {
    await tryRun('ip', ['link', 'del', device]);
    await tryRun('umount', [network, `${holder}/uts`, `${holder}/ipc`]);
    rmSync(network, { force: true });
    rmSync(holder, { recursive: true, force: true });
    pool.giveBack(address);
  };
  try {
    const namespaces = [`--net=${network}`, `--uts=${holder}/uts`, `--ipc=${holder}/ipc`];
    await runCommand('unshare', [...namespaces, '/bin/sh', '-c', SETTLE, 'settle', hostname]);
    await ipBatch([
      `link add ${device} type veth peer name eth0 netns ${uid}`,
      `link set ${device} address ${POD_GATEWAY_MAC} up`,
      `route add ${address}/32 dev ${device}`,
    ]);
    await ipBatch(
      [
        'link set lo up',
        `addr add ${address}/32 dev eth0`,
        'link set eth0 up',
        `route add ${POD_GATEWAY} dev eth0 scope link`,
        `route add default via ${POD_GATEWAY} dev eth0 onlink`,
        `neigh add ${POD_GATEWAY} lladdr ${POD_GATEWAY_MAC} dev eth0 nud permanent`,
      ],
      uid,
    );
    return { kind: 'own', address, join: namespaces, remove };
  } catch (thrown) {
    await remove();
    throw thrown;
  }
}

/** The sandbox of a pod with `hostNetwork`: nothing of its own. */
export function nodeSandbox(plan: NodePlan): Sandbox {
  return { kind: 'node', address: plan.address, join: [], remove: async () => undefined };
}
