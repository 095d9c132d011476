import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { IPV4, IPV6, POD_GATEWAY_MAC, type NodePlan } from '../network/addresses.ts';
import { ipBatch, runCommand, tryRun } from '../network/commands.ts';
import { addressIn, familyOf, type PerFamily } from '../network/ip.ts';
import { podInterface } from '../network/pod-interface.ts';

/**
 * What the containers of a pod share and what outlives each of them: network, host name and IPC. Held by files the
 * namespaces are mounted on, so no process is needed to keep them.
 */
export interface Sandbox {
  /** `node` with `hostNetwork`: the node's own network. */
  readonly kind: 'own' | 'node';
  /** The pod's addresses, as its status lists them. */
  readonly addresses: PerFamily;
  readonly join: readonly string[];
  remove(): Promise<void>;
}

/** Hands out the addresses of one node's pods; those given back are used again as late as possible. */
export interface AddressPool {
  take(): PerFamily;
  giveBack(addresses: PerFamily): void;
}

/** A pod has the same number in the block of each family. */
export function createAddressPool([primary, ...others]: PerFamily): AddressPool {
  const free = Array.from({ length: 253 }, (_, index): PerFamily => {
    const address = (cidr: string): string => addressIn(cidr, index + 2);
    return [address(primary), ...others.map(address)];
  });
  return {
    take: () => {
      const addresses = free.shift();
      if (addresses === undefined) throw new Error(`no free address in ${primary}`);
      return addresses;
    },
    giveBack: (addresses) => void free.push(addresses),
  };
}

const HOLDERS = '/run/sandboxes';

/**
 * First and only process of new namespaces. Ports below 1024 need no capability, as containerd has it; IPv6 is off
 * where the lab has none.
 */
const SETTLE = `hostname "$1"
echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start
[ "$2" = IPv6 ] && exit
echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6`;

/** Makes a pod's namespaces and its wire to the node. */
export async function createSandbox(uid: string, hostname: string, pool: AddressPool): Promise<Sandbox> {
  const holder = `${HOLDERS}/${uid}`;
  const network = `/run/netns/${uid}`;
  const device = podInterface(uid);
  const addresses = pool.take();
  const families = addresses.map(familyOf);
  mkdirSync(holder, { recursive: true });
  mkdirSync('/run/netns', { recursive: true });
  for (const file of [network, `${holder}/uts`, `${holder}/ipc`]) writeFileSync(file, '');
  const remove = async (): Promise<void> => {
    await tryRun('ip', ['link', 'del', device]);
    await tryRun('umount', [network, `${holder}/uts`, `${holder}/ipc`]);
    rmSync(network, { force: true });
    rmSync(holder, { recursive: true, force: true });
    pool.giveBack(addresses);
  };
  try {
    const namespaces = [`--net=${network}`, `--uts=${holder}/uts`, `--ipc=${holder}/ipc`];
    const settle = ['/bin/sh', '-c', SETTLE, 'settle', hostname, families.at(-1) ?? ''];
    await runCommand('unshare', [...namespaces, ...settle]);
    await ipBatch([
      `link add ${device} type veth peer name eth0 netns ${uid}`,
      `link set ${device} address ${POD_GATEWAY_MAC} addrgenmode none up`,
      // Whoever asks for the neighbour of an IPv6 address needs a link-local one to ask from.
      ...(families.includes('IPv6') ? [`addr add ${IPV6.podGateway}/64 dev ${device} nodad`] : []),
      ...addresses.map((address) => `route add ${address} dev ${device}`),
    ]);
    await ipBatch(
      ['link set lo up', 'link set eth0 addrgenmode none up', ...addresses.flatMap((address) => wireTo(address))],
      { namespace: uid },
    );
    return { kind: 'own', addresses, join: namespaces, remove };
  } catch (thrown) {
    await remove();
    throw thrown;
  }
}

/** The pod's end of the wire: its address, and the way to everybody through its node, whose place nobody asks for. */
function wireTo(address: string): readonly string[] {
  const { podGateway, family } = familyOf(address) === 'IPv6' ? IPV6 : IPV4;
  return [
    `addr add ${address} dev eth0 ${family === 'IPv6' ? 'nodad' : ''}`,
    `neigh add ${podGateway} lladdr ${POD_GATEWAY_MAC} dev eth0 nud permanent`,
    `route add ${podGateway} dev eth0${family === 'IPv4' ? ' scope link' : ''}`,
    `route add default via ${podGateway} dev eth0 onlink`,
  ];
}

/** The sandbox of a pod with `hostNetwork`: nothing of its own. */
export function nodeSandbox({ addresses }: NodePlan): Sandbox {
  return { kind: 'node', addresses, join: [], remove: async () => undefined };
}
