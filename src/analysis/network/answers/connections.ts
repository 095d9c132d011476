import type { NetworkWorkload } from '../inhabitants/endpoints.ts';
import { peerOf } from './groups.ts';
import { NONE, type PortId, type PortTable } from '../ports/port-table.ts';
import type { Product } from './products.ts';
import type { Ranges } from './ranges.ts';
import type { Side } from '../classes/sides.ts';
import type { Connection, Peer } from '../types.ts';

/** Which connections to list; everything when absent. */
export interface ConnectionFilter {
  readonly from?: (peer: Peer) => boolean;
  readonly to?: (peer: Peer) => boolean;
}

export interface ConnectionsInput {
  readonly products: readonly Product[];
  readonly workloads: readonly NetworkWorkload[];
  readonly addresses: number;
  readonly table: PortTable;
  readonly ranges: Ranges;
}

/**
 * Every connection that is certainly allowed, workload by workload: some pod of one reaches some pod of the other.
 * Ranges of equal ports are merged; a workload with itself, and ranges among themselves, are left out. In parts, so
 * that the list need never be held whole: those to each workload, then those of each to the outside.
 */
export function* connectionParts(
  input: ConnectionsInput,
  filter: ConnectionFilter = {},
): Generator<readonly Connection[]> {
  const { products, workloads, table } = input;
  const peers = workloads.map(peerOf);
  const isWanted = workloads.map((_, index) => filter.from?.(peers[index] as Peer) ?? true);
  const isAsked = workloads.map((_, index) => filter.to?.(peers[index] as Peer) ?? true);
  const sum = createSum(workloads.length, table);
  const rangesOf = createRangeSums(input);
  const between = products.filter(({ from, to }) => from.kind === 'workloads' && to.kind === 'workloads');
  const into = productsBy(between, 'to', isAsked);
  const fromOutside = productsBy(
    products.filter(({ from }) => from.kind === 'addresses'),
    'to',
    isAsked,
  );
  for (const [index, here] of peers.entries()) {
    if (isAsked[index] !== true) continue;
    const part: Connection[] = [];
    for (const { from, ports } of into[index] ?? []) sum.add(from, ports);
    sum.drain((source, ports) => {
      if (source !== index && isWanted[source] === true)
        part.push({ from: peers[source] as Peer, to: here, ports: table.set(ports) });
    });
    for (const [from, ports] of rangesOf(fromOutside[index] ?? [], 'from'))
      if (filter.from?.(from) !== false) part.push({ from, to: here, ports: table.set(ports) });
    if (part.length > 0) yield part;
  }
  const toOutside = productsBy(
    products.filter(({ to }) => to.kind === 'addresses'),
    'from',
    isWanted,
  );
  for (const [index, here] of peers.entries()) {
    const reached = rangesOf(toOutside[index] ?? [], 'to').filter(([to]) => filter.to?.(to) !== false);
    if (reached.length > 0) yield reached.map(([to, ports]) => ({ from: here, to, ports: table.set(ports) }));
  }
}

/** The products in which each workload stands on one side. */
function productsBy(
  products: readonly Product[],
  side: 'from' | 'to',
  wanted: readonly boolean[],
): readonly (readonly Product[])[] {
  const found: Product[][] = wanted.map(() => []);
  for (const product of products)
    for (const workload of product[side].members) if (wanted[workload] === true) found[workload]?.push(product);
  return found;
}

/** Adds up ports by number. */
function createSum(size: number, table: PortTable) {
  const sums = new Int32Array(size);
  let touched: number[] = [];
  return {
    add({ members }: Side, ports: PortId): void {
      for (const member of members) {
        const old = sums[member] as PortId;
        if (old === NONE) touched.push(member);
        sums[member] = table.union(old, ports);
      }
    },
    drain(visit: (member: number, ports: PortId) => void): void {
      for (const member of touched) {
        visit(member, sums[member] as PortId);
        sums[member] = NONE;
      }
      touched = [];
    },
  };
}

/** The ranges on the far side of some products. Many workloads stand in the same ones, for which it is done once. */
function createRangeSums({ addresses, table, ranges }: ConnectionsInput) {
  const sum = createSum(addresses, table);
  const known = new Map<string, ReturnType<Ranges['byPorts']>>();
  return (products: readonly Product[], far: 'from' | 'to'): ReturnType<Ranges['byPorts']> => {
    const key = products
      .map((product) => `${product[far].id} ${product.ports}`)
      .sort()
      .join();
    let found = known.get(key);
    if (!found) {
      const ports = new Int32Array(addresses);
      for (const product of products) sum.add(product[far], product.ports);
      sum.drain((address, all) => {
        ports[address] = all;
      });
      known.set(key, (found = ranges.byPorts(ports)));
    }
    return found;
  };
}
