import { addressOfPeer, addressPeer } from '../rows/peer-sets.ts';
import { ALL, NONE, type PortId } from '../ports/port-table.ts';
import type { ProductsInput } from './products-input.ts';
import type { Side, Sides } from '../classes/sides.ts';
import { worldOf } from '../classes/worlds.ts';

/**
 * Connections of workloads with pods on the host's network, where it is open whether policies see a pod or a node in
 * them: what both readings allow is certain. O(such classes x classes); clusters have few.
 */
export function listHostProducts(
  input: ProductsInput,
  sides: Sides,
  add: (from: Side, to: Side, ports: PortId) => void,
): void {
  const { classes, space } = input;
  const workloadsOf: number[][] = classes.all.map(() => []);
  const hosts: number[] = [];
  classes.ofWorkload.forEach((own, workload) => {
    for (const { index } of own) workloadsOf[index]?.push(workload);
    if (own.some(({ hostNetwork }) => hostNetwork)) hosts.push(workload);
  });
  if (hosts.length === 0) return;
  const isHost = new Set(hosts);
  const pods = classes.all.map(({ index }) => index);
  const peers = [...pods, ...Array.from({ length: space.size }, (_, address) => addressPeer(address))];
  const quick = createQuickLookups(input);
  const local = localWorkloads(input);
  const sums = createSums(input, classes.ofWorkload.length);
  const emit = (host: number, direction: 'from' | 'to'): void => {
    const own = sides.of('workloads', [host]);
    for (const [ports, { workloads, addresses }] of sums.drain()) {
      for (const other of [sides.of('workloads', workloads), sides.of('addresses', addresses)])
        if (other.members.length > 0) {
          if (direction === 'from') add(own, other, ports);
          else add(other, own, ports);
        }
    }
  };
  for (const host of hosts) {
    for (const { index: source } of classes.ofWorkload[host] ?? []) {
      const reaches = quick.from(source);
      for (const peer of peers) {
        const world = worldOf(classes, source, peer);
        if (world !== undefined && world !== 'any') sums.add(world, peer, workloadsOf[peer], reaches(peer));
      }
    }
    for (const workload of local.get(host) ?? []) sums.put('node', workload, ALL);
    emit(host, 'from');
    for (const { index: destination } of classes.ofWorkload[host] ?? []) {
      const reachedBy = quick.to(destination);
      for (const peer of peers) {
        const world = worldOf(classes, peer, destination);
        const sources = workloadsOf[peer]?.filter((workload) => !isHost.has(workload));
        if (world !== undefined && world !== 'any') sums.add(world, peer, sources, reachedBy(peer));
      }
    }
    emit(host, 'to');
  }
}

/**
 * The workloads with pods on the node of each workload that is on the network of its host and seen as that node, by
 * index: nothing is between them. O(pods on such nodes x such pods there).
 */
export function localWorkloads({
  classes,
  matrix,
}: Pick<ProductsInput, 'classes' | 'matrix'>): ReadonlyMap<number, ReadonlySet<number>> {
  type Place = { readonly index: number; readonly workload: number };
  const byNode = new Map<string, { readonly hosts: Place[]; readonly pods: Place[] }>();
  const nodes = classes.all.filter(({ hostNetwork, reading }) => hostNetwork && reading === 'node');
  for (const { index, members } of nodes)
    for (const { node, workload } of members) {
      if (node === undefined) continue;
      let known = byNode.get(node);
      if (!known) byNode.set(node, (known = { hosts: [], pods: [] }));
      known.hosts.push({ index, workload: workload.index });
    }
  if (byNode.size > 0)
    for (const { index, hostNetwork, members } of classes.all)
      if (!hostNetwork)
        for (const { node, workload } of members)
          byNode.get(node ?? '')?.pods.push({ index, workload: workload.index });
  const found = new Map<number, Set<number>>();
  for (const { hosts, pods } of byNode.values())
    for (const host of hosts)
      for (const pod of pods) {
        if (!matrix.shareFamily(host.index, pod.index)) continue;
        let known = found.get(host.workload);
        if (!known) found.set(host.workload, (known = new Set()));
        known.add(pod.workload);
      }
  return found;
}

/** `Matrix.between` with one end fixed; what a row of the other end says about it is looked up once. */
function createQuickLookups({ classes, ingress, egress, table, matrix }: ProductsInput) {
  const between = (source: number, destination: number, out: () => PortId, into: () => PortId): PortId => {
    if (!matrix.shareFamily(source, destination)) return NONE;
    const first = out();
    return first === NONE ? NONE : table.intersect(first, into());
  };
  const remembered = (): ((key: string, make: () => PortId) => PortId) => {
    const known = new Map<string, PortId>();
    return (key, make) => {
      let ports = known.get(key);
      if (ports === undefined) known.set(key, (ports = make()));
      return ports;
    };
  };
  return {
    from(source: number): (destination: number) => PortId {
      const once = remembered();
      return (destination) => {
        const target = classes.all[destination];
        const into = (): PortId => matrix.incoming(destination, source);
        return between(
          source,
          destination,
          () => matrix.outgoing(source, destination),
          target ? () => once(`${ingress.of[destination]} ${target.signature}`, into) : into,
        );
      };
    },
    to(destination: number): (source: number) => PortId {
      const once = remembered();
      return (source) => {
        const out = (): PortId => matrix.outgoing(source, destination);
        return between(source, destination, source < 0 ? out : () => once(`${egress.of[source]}`, out), () =>
          matrix.incoming(destination, source),
        );
      };
    },
  };
}

/** Adds up ports by workload and address in each reading; what is drained is what both allow. */
function createSums({ table, space }: ProductsInput, workloads: number) {
  const size = workloads + space.size;
  const sums = { pod: new Int32Array(size), node: new Int32Array(size) };
  const put = (world: 'pod' | 'node', at: number, ports: PortId): void => {
    sums[world][at] = table.union(sums[world][at] ?? NONE, ports);
  };
  return {
    put,
    add(world: 'pod' | 'node', peer: number, own: readonly number[] | undefined, ports: PortId): void {
      if (ports === NONE) return;
      if (peer < 0) put(world, workloads + addressOfPeer(peer), ports);
      else for (const workload of own ?? []) put(world, workload, ports);
    },
    drain(): ReadonlyMap<PortId, { readonly workloads: number[]; readonly addresses: number[] }> {
      const found = new Map<PortId, { readonly workloads: number[]; readonly addresses: number[] }>();
      for (let at = 0; at < size; at++) {
        const ports = table.intersect(sums.pod[at] ?? NONE, sums.node[at] ?? NONE);
        if (ports === NONE) continue;
        let known = found.get(ports);
        if (!known) found.set(ports, (known = { workloads: [], addresses: [] }));
        if (at < workloads) known.workloads.push(at);
        else known.addresses.push(at - workloads);
      }
      sums.pod.fill(NONE);
      sums.node.fill(NONE);
      return found;
    },
  };
}
