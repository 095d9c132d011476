import type { AddressSpace } from './address-space.ts';
import type { Classes, PodClass } from './classes.ts';
import { kindsOf, type Kinds } from './kinds.ts';
import type { NodeTraffic } from './node-traffic.ts';
import type { PeerSet } from './peer-sets.ts';
import { ALL, NONE, type PortId, type PortTable } from './port-table.ts';
import type { CompiledPorts } from './port-terms.ts';
import { isOpen, portsWith, type Row, type Rows } from './rows.ts';

/**
 * Which peer reaches which, on which ports. Peers are numbered: pod classes first, then classes of addresses
 * outside. Nothing is stored pair by pair: the rows are the compressed answer, this unfolds it.
 */
export interface Matrix {
  /** Ports one peer may use to another. O(rules of the two rows). */
  between(source: number, destination: number): PortId;
  /**
   * Calls `visit` for the first class of every kind of source, and every address, that may reach a destination.
   * O(rules that name it + peers visited).
   */
  sourcesOf(destination: number, visit: (source: number, ports: PortId) => void): void;
  /** The ports a class may use to each class of addresses outside. */
  toOutside(source: number): Int32Array;
  readonly sources: () => Kinds;
  readonly destinations: () => Kinds;
}

export interface MatrixInput {
  readonly classes: Classes;
  readonly space: AddressSpace;
  readonly table: PortTable;
  readonly ingress: Rows;
  readonly egress: Rows;
  readonly nodes: NodeTraffic;
}

export function createMatrix({ classes, space, table, ingress, egress, nodes }: MatrixInput): Matrix {
  const pods = classes.all.length;
  const universe = pods + space.size;
  const families = new Uint8Array(universe);
  const signatures = new Int32Array(universe);
  for (const { index, families: own, signature } of classes.all) {
    families[index] = own;
    signatures[index] = signature;
  }
  for (let address = 0; address < space.size; address++)
    families[pods + address] = space.familyOf(address) === 4 ? 1 : 2;
  const egressPorts = once(() => egressByDestination(egress, universe, table));
  const rowOf = (rows: Rows, id: number): Row | undefined => (id < pods ? rows.list[rows.of[id] ?? -1] : undefined);

  const between = (source: number, destination: number): PortId => {
    if (((families[source] ?? 0) & (families[destination] ?? 0)) === 0) return NONE;
    const [host, pod] = [classes.all[source], classes.all[destination]];
    if (
      host &&
      pod &&
      host.hostNetwork &&
      host.reading === 'node' &&
      nodes.together(host.members, pod.members) !== 'no'
    )
      return ALL;
    const signature = signatures[destination] ?? 0;
    const from = rowOf(egress, source);
    const out = from ? portsWith(from, destination, signature, table) : ALL;
    const to = rowOf(ingress, destination);
    return out === NONE || !to ? out : table.intersect(out, portsWith(to, source, signature, table));
  };

  const sources = once(() => kindsOf(classes, egress, ingress, nodes, 'source'));
  const destinations = once(() => kindsOf(classes, ingress, egress, nodes, 'destination'));
  const incoming = new Int32Array(universe);
  const sourcesOf: Matrix['sourcesOf'] = (destination, visit) => {
    const signature = signatures[destination] ?? 0;
    const family = families[destination] ?? 0;
    const row = rowOf(ingress, destination);
    const outgoing = egressPorts()(destination, signature);
    const here = classes.all[destination];
    if (here) for (const host of nodes.hostsOf(here)) visit(host, ALL);
    const { first, byRow } = sources();
    const emit = (source: number, ports: PortId): void => {
      if (ports !== NONE && ((families[source] ?? 0) & family) !== 0) visit(source, ports);
    };
    if (!row || isOpen(row)) {
      for (let index = 0; index < byRow.length; index++) {
        const ports = outgoing[index] ?? NONE;
        if (ports !== NONE) for (const source of byRow[index] ?? []) emit(source, ports);
      }
      if (row) for (let id = pods; id < universe; id++) emit(id, ALL);
      return;
    }
    const each = (id: number, ports: PortId): void => {
      if (ports === NONE || (id < pods && first[id] !== id)) return;
      emit(id, id < pods ? table.intersect(ports, outgoing[egress.of[id] ?? 0] ?? NONE) : ports);
    };
    if (row.uncertain) return;
    if (!row.union) {
      for (let id = 0; id < universe; id++)
        if (id >= pods || first[id] === id) each(id, portsWith(row, id, signature, table));
      return;
    }
    const { rules } = row.union;
    const base = rules.reduce(
      (sum, rule) => (rule.peers.everyone ? table.union(sum, rule.ports.on(signature)) : sum),
      NONE,
    );
    incoming.fill(base);
    const touched: number[] = [];
    for (const rule of rules) {
      if (rule.peers.everyone) continue;
      const ports = rule.ports.on(signature);
      for (const id of rule.peers.ids) {
        const old = incoming[id] ?? NONE;
        if (base === NONE && old === NONE && ports !== NONE) touched.push(id);
        incoming[id] = table.union(old, ports);
      }
    }
    if (base === NONE) for (const id of touched) each(id, incoming[id] ?? NONE);
    else for (let id = 0; id < universe; id++) each(id, incoming[id] ?? NONE);
  };
  const outside: Int32Array[] = [];
  const toOutside: Matrix['toOutside'] = (source) => {
    const index = egress.of[source] ?? -1;
    const family = families[source] ?? 0;
    return (outside[index * 4 + family] ??= Int32Array.from({ length: space.size }, (_, address) =>
      between(source, pods + address),
    ));
  };
  return { between, sourcesOf, toOutside, sources, destinations };
}

/**
 * The ports each egress row may use to a destination. Rules are filed under the destinations they name, so a
 * destination costs what names it, not what there is.
 */
function egressByDestination(
  egress: Rows,
  universe: number,
  table: PortTable,
): (destination: number, signature: number) => Int32Array {
  const users = new Map<PeerSet, (readonly [row: number, ports: CompiledPorts])[]>();
  const tiered: Row[] = [];
  for (const row of egress.list) {
    if (row.uncertain) continue;
    if (row.union) {
      for (const rule of row.union.rules) {
        let known = users.get(rule.peers);
        if (!known) users.set(rule.peers, (known = []));
        known.push([row.index, rule.ports]);
      }
    } else if (!isOpen(row)) tiered.push(row);
  }
  const naming: (readonly (readonly [number, CompiledPorts])[])[][] = Array.from({ length: universe }, () => []);
  const toEveryone: (readonly [number, CompiledPorts])[] = [];
  for (const [peers, rules] of users) {
    if (peers.everyone) toEveryone.push(...rules);
    else for (const id of peers.ids) naming[id]?.push(rules);
  }
  const bases: Int32Array[] = [];
  const baseFor = (signature: number): Int32Array => {
    let base = bases[signature];
    if (!base) {
      base = bases[signature] = Int32Array.from(egress.list, (row) => (isOpen(row) ? ALL : NONE));
      for (const [row, ports] of toEveryone) base[row] = table.union(base[row] ?? NONE, ports.on(signature));
    }
    return base;
  };
  const outgoing = new Int32Array(egress.list.length);
  return (destination, signature) => {
    outgoing.set(baseFor(signature));
    for (const rules of naming[destination] ?? []) {
      for (const [row, ports] of rules) outgoing[row] = table.union(outgoing[row] ?? NONE, ports.on(signature));
    }
    for (const row of tiered) outgoing[row.index] = portsWith(row, destination, signature, table);
    return outgoing;
  };
}

/** Each class with the workloads that have pods in it, by class index. */
export function workloadsByClass(classes: readonly PodClass[]): readonly (readonly number[])[] {
  return classes.map((podClass) => [...new Set(podClass.members.map((member) => member.workload.index))]);
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
