import type { ProductsInput } from './products-input.ts';
import { listHostProducts, localWorkloads } from './host-products.ts';
import { ALL, NONE, type PortId, type PortTable } from '../ports/port-table.ts';
import { readReceivers, readSenders, type Apart, type Receivers, type Senders } from './product-ends.ts';
import type { Rows } from '../rows/rows.ts';
import { createSides, type Side, type Sides } from '../classes/sides.ts';

/** Every member of one side may use these ports to every member of the other. Addresses are never on both sides. */
export interface Product {
  readonly from: Side;
  readonly to: Side;
  readonly ports: PortId;
}

/** What the steps of the list work on. */
interface Work {
  readonly senders: Senders;
  readonly receivers: Receivers;
  /** The signature of each class, by class index. */
  readonly signatures: Int32Array;
  readonly table: PortTable;
  readonly sides: Sides;
  readonly everyAddress: readonly Side[];
  /** Adds the products of some sides, as far as they have an address family in common. */
  readonly emit: (from: readonly Side[], to: readonly Side[], ports: PortId) => void;
  /** The ports a base of senders lets through to a destination with a signature. */
  readonly baseOn: (base: number, signature: number) => PortId;
}

/** For each egress row and cell, the classes there that the row names and their ports, by turns. */
type Naming = (ReadonlyMap<number, readonly number[]> | undefined)[];

/**
 * Who reaches whom, as products of sets. What a row lets through is its base B, for every peer, and N, for the peers it
 * names. A connection needs the egress row of its source and the ingress row of its destination, and
 * (Be + Ne)(Bi + Ni) = BeBi + BeNi + NeBi + NeNi: the first is a product for each pair of bases, the second one for each
 * ingress row, the third one for each egress row, and only the last needs pairs of rows, where each names the other.
 * So the cost is what the rules name, and no pair of pods is looked at.
 */
export function listProducts(input: ProductsInput): readonly Product[] {
  const { classes, space, table, bothReadings } = input;
  const sides = createSides(classes, space);
  const collected = createCollector(sides.union);
  const signatures = Int32Array.from(classes.all, ({ signature }) => signature);
  // What both readings of a host-network pod allow is found pair by pair.
  const isLeftOut = (index: number): boolean => bothReadings && classes.all[index]?.hostNetwork === true;
  const senders = readSenders(input, signatures, isLeftOut);
  const work: Work = {
    senders,
    receivers: readReceivers(input, isLeftOut),
    signatures,
    table,
    sides,
    everyAddress: sides.ofAddresses(Int32Array.from({ length: space.size }, (_, address) => address)),
    emit(from, to, ports) {
      for (const source of from)
        for (const destination of to)
          if ((source.families & destination.families) !== 0) collected.add(source, destination, ports);
    },
    baseOn: (base, signature) => senders.bases[base]?.parts.base(signature) ?? NONE,
  };
  addOfBases(work);
  addNamedByDestinations(work, input.egress, isLeftOut, addNamedBySources(work));
  if (bothReadings) listHostProducts(input, sides, collected.add);
  else
    for (const [host, local] of localWorkloads(input))
      collected.add(sides.of('workloads', [host]), sides.of('workloads', [...local]), ALL);
  return collected.products();
}

/** BeBi: everybody with one base to everybody with another. */
function addOfBases({ senders: { bases }, receivers, table, sides, everyAddress, emit, baseOn }: Work): void {
  const unions = new Map<string, readonly Side[]>();
  const sendersOf = (numbers: readonly number[], without: Apart): readonly Side[] => {
    const key = `${numbers.join()} ${without.id}`;
    let both = unions.get(key);
    if (!both) {
      const all: number[] = [];
      for (const one of numbers) for (const index of bases[one]?.classes ?? []) all.push(index);
      unions.set(key, (both = sides.ofClasses(without.leave(all))));
    }
    return both;
  };
  const alike = Map.groupBy(receivers.cells, ({ parts, base, signature, apart }) =>
    [base, parts.baseOutside(signature), signature, apart.id].join(' '),
  );
  for (const some of alike.values()) {
    const [sample] = some;
    if (!sample) continue;
    const { base, signature, apart, parts } = sample;
    const own = some.flatMap((cell) => cell.classes);
    const open = parts.baseOutside(signature);
    if (open !== NONE) emit(everyAddress, sides.ofClasses(own), open);
    if (base === NONE) continue;
    const byPorts = Map.groupBy(
      bases.keys(),
      (from) => `${table.intersect(baseOn(from, signature), base)} ${bases[from]?.apart.id}`,
    );
    for (const from of byPorts.values()) {
      const [first = 0] = from;
      const ports = table.intersect(baseOn(first, signature), base);
      if (ports === NONE) continue;
      const out = bases[first]?.apart ?? apart;
      emit(sendersOf(from, apart), sides.ofClasses(out.leave(own)), ports);
    }
  }
  for (const { parts, classes: own } of bases) {
    const ports = parts.baseOutside(0);
    if (ports !== NONE) emit(sides.ofClasses(own), everyAddress, ports);
  }
}

/** NeBi: the sources of a row to the destinations it names. What it names is kept for where it is named in turn. */
function addNamedBySources({ senders, receivers, signatures, table, sides, emit }: Work): Naming {
  const { cells, cellOf } = receivers;
  return senders.rows.map(({ parts, classes: own }) => {
    if (own.length === 0) return undefined;
    const from = sides.ofClasses(own);
    const naming = new Map<number, number[]>();
    const byPorts = new Map<string, Filed>();
    parts.named(signatures, (pod, ports) => {
      const cell = cellOf[pod] ?? -1;
      const there = cells[cell];
      if (!there) return;
      push(naming, cell, pod);
      push(naming, cell, ports);
      const open = table.intersect(ports, there.base);
      if (open !== NONE) addTo(byPorts, open, there.apart, pod);
    });
    for (const { ports, apart, members } of byPorts.values())
      emit(apart.id === 0 ? from : sides.ofClasses(apart.leave(own)), sides.ofClasses(members), ports);
    parts.namedOutside(0, (addresses, ports) => {
      emit(from, sides.ofAddresses(addresses), ports);
    });
    return naming;
  });
}

/** BeNi: the sources that a cell's row names to all of the cell; and NeNi: those that name some of the cell in turn. */
function addNamedByDestinations(
  { senders, receivers, table, sides, emit, baseOn }: Work,
  egress: Rows,
  isLeftOut: (index: number) => boolean,
  naming: Naming,
): void {
  receivers.cells.forEach(({ parts, signature, classes: own }, cell) => {
    const to = sides.ofClasses(own);
    const byPorts = new Map<string, Filed>();
    const byRow = new Map<number, Map<PortId, number[]>>();
    parts.named(signature, (pod, ports) => {
      if (isLeftOut(pod)) return;
      const row = egress.of[pod] ?? 0;
      const base = senders.rows[row]?.base ?? 0;
      const open = table.intersect(ports, baseOn(base, signature));
      const apart = senders.bases[base]?.apart;
      if (open !== NONE && apart) addTo(byPorts, open, apart, pod);
      if (naming[row]?.has(cell) !== true) return;
      let here = byRow.get(row);
      if (!here) byRow.set(row, (here = new Map<PortId, number[]>()));
      push(here, ports, pod);
    });
    for (const { ports, apart, members } of byPorts.values())
      emit(sides.ofClasses(members), apart.id === 0 ? to : sides.ofClasses(apart.leave(own)), ports);
    parts.namedOutside(signature, (addresses, ports) => {
      emit(sides.ofAddresses(addresses), to, ports);
    });
    for (const [row, sources] of byRow) {
      const destinations = new Map<PortId, number[]>();
      // Pods and their ports by turns.
      const named = naming[row]?.get(cell) ?? [];
      for (let i = 0; i < named.length; i += 2) push(destinations, named[i + 1] as PortId, named[i] as number);
      for (const [into, from] of sources)
        for (const [out, to] of destinations) {
          const ports = table.intersect(into, out);
          if (ports !== NONE) emit(sides.ofClasses(from), sides.ofClasses(to), ports);
        }
    }
  });
}

/** Classes of the same ports, with who is apart on the other end. */
interface Filed {
  readonly ports: PortId;
  readonly apart: Apart;
  readonly members: number[];
}

function addTo(lists: Map<string, Filed>, ports: PortId, apart: Apart, member: number): void {
  const key = `${ports} ${apart.id}`;
  const known = lists.get(key);
  if (known) known.members.push(member);
  else lists.set(key, { ports, apart, members: [member] });
}

function push<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const known = lists.get(key);
  if (known) known.push(value);
  else lists.set(key, [value]);
}

/** Puts products of equal sources and ports together; sides of addresses stay apart, as many share them. */
function createCollector(union: (sides: readonly Side[]) => Side) {
  const found: (Map<string, Side[]> | undefined)[] = [];
  const sources: Side[] = [];
  return {
    add(from: Side, to: Side, ports: PortId): void {
      sources[from.id] = from;
      push((found[from.id] ??= new Map<string, Side[]>()), `${to.kind} ${ports}`, to);
    },
    products: (): readonly Product[] =>
      found.flatMap((byPorts, id) =>
        [...(byPorts ?? [])].flatMap(([key, to]): readonly Product[] => {
          const from = sources[id];
          if (!from) return [];
          const ports = Number(key.slice(key.indexOf(' ') + 1));
          const apart = to[0]?.kind === 'addresses' ? [...new Set(to)] : [union(to)];
          return apart.map((side) => ({ from, to: side, ports }));
        }),
      ),
  };
}
