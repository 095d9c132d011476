import type { AddressSpace } from './address-space.ts';
import type { Classes } from './classes.ts';
import { listHostProducts, localWorkloads } from './host-products.ts';
import type { Matrix } from './matrix.ts';
import { ALL, NONE, type PortId, type PortTable } from './port-table.ts';
import { createRowParts, type RowParts } from './row-parts.ts';
import type { Rows } from './rows.ts';
import { createSides, type Side } from './sides.ts';

/** Every member of one side may use these ports to every member of the other. Addresses are never on both sides. */
export interface Product {
  readonly from: Side;
  readonly to: Side;
  readonly ports: PortId;
}

export interface ProductsInput {
  readonly classes: Classes;
  readonly space: AddressSpace;
  readonly table: PortTable;
  readonly ingress: Rows;
  readonly egress: Rows;
  readonly matrix: Matrix;
  /** Host-network pods have two readings and only what both allow is certain. */
  readonly bothReadings: boolean;
}

/** The classes of one ingress row with one signature: alike as destinations but for the peers that name them. */
interface Cell {
  readonly parts: RowParts;
  readonly signature: number;
  readonly base: PortId;
  /** Sources that the base does not hold for. */
  readonly apart: Apart;
  readonly classes: number[];
}

/**
 * Who reaches whom, as products of sets. What a row lets through is its base B, for every peer, and N, for the peers it
 * names. A connection needs the egress row of its source and the ingress row of its destination, and
 * (Be + Ne)(Bi + Ni) = BeBi + BeNi + NeBi + NeNi: the first is a product for each pair of bases, the second one for each
 * ingress row, the third one for each egress row, and only the last needs pairs of rows, where each names the other.
 * So the cost is what the rules name, and no pair of pods is looked at.
 */
export function listProducts(input: ProductsInput): readonly Product[] {
  const { classes, space, table, ingress, egress, bothReadings } = input;
  const sides = createSides(classes, space);
  const collected = createCollector(sides.union);
  const emit = (from: readonly Side[], to: readonly Side[], ports: PortId): void => {
    for (const source of from)
      for (const destination of to)
        if ((source.families & destination.families) !== 0) collected.add(source, destination, ports);
  };
  const partsOut = createRowParts(input, egress);
  const partsIn = createRowParts(input, ingress);
  const isApart = (index: number): boolean => bothReadings && classes.all[index]?.hostNetwork === true;
  const everyAddress = sides.ofAddresses(Int32Array.from({ length: space.size }, (_, address) => address));

  const signatures = Int32Array.from(classes.all, ({ signature }) => signature);
  const apartOf = createApart();

  // Sources: the base of their row by number, so that rows of equal bases are one.
  const senders = egress.list.map((row) => {
    const parts = partsOut(row);
    return {
      parts,
      apart: apartOf(parts.apart(signatures)),
      classes: row.classes.map(({ index }) => index).filter((index) => !isApart(index)),
    };
  });
  const bases: { readonly parts: RowParts; readonly apart: Apart; readonly classes: number[] }[] = [];
  const baseNumbers = new Map<string, number>();
  const baseOfRow = senders.map(({ parts, apart, classes: own }) => {
    const key = `${apart.id} ${parts.baseKey}`;
    let number = baseNumbers.get(key);
    if (number === undefined) baseNumbers.set(key, (number = bases.push({ parts, apart, classes: [] }) - 1));
    for (const index of own) bases[number]?.classes.push(index);
    return number;
  });
  const baseOn = (base: number, signature: number): PortId => bases[base]?.parts.base(signature) ?? NONE;

  // Destinations.
  const cells: Cell[] = [];
  const cellOf = new Int32Array(classes.all.length).fill(-1);
  for (const row of ingress.list) {
    const parts = partsIn(row);
    const bySignature = new Map<number, number>();
    for (const { index, signature } of row.classes) {
      if (isApart(index)) continue;
      let cell = bySignature.get(signature);
      if (cell === undefined) {
        const apart = apartOf(parts.apart(signature));
        cell = cells.push({ parts, signature, base: parts.base(signature), apart, classes: [] }) - 1;
        bySignature.set(signature, cell);
      }
      cells[cell]?.classes.push(index);
      cellOf[index] = cell;
    }
  }

  // BeBi.
  const unions = new Map<string, readonly Side[]>();
  const sendersOf = (numbers: readonly number[], without: Apart): readonly Side[] => {
    const key = `${numbers.join()} ${without.id}`;
    let both = unions.get(key);
    if (!both) {
      const all = numbers.flatMap((one) => bases[one]?.classes ?? []);
      unions.set(key, (both = sides.ofClasses(without.leave(all))));
    }
    return both;
  };
  const alike = Map.groupBy(cells, ({ parts, base, signature, apart }) =>
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

  // NeBi, and Ne by row and cell for NeNi.
  const naming: Map<number, number[]>[] = [];
  senders.forEach(({ parts, classes: own }, row) => {
    if (own.length === 0) return;
    let from: readonly Side[] | undefined;
    const byPorts = new Map<string, Filed>();
    parts.named(signatures, (pod, ports) => {
      const cell = cellOf[pod] ?? -1;
      const there = cells[cell];
      if (!there) return;
      const named = (naming[row] ??= new Map<number, number[]>());
      push(named, cell, pod);
      push(named, cell, ports);
      const open = table.intersect(ports, there.base);
      if (open !== NONE) addTo(byPorts, open, there.apart, pod);
    });
    for (const { ports, apart, members } of byPorts.values())
      emit(
        apart.id === 0 ? (from ??= sides.ofClasses(own)) : sides.ofClasses(apart.leave(own)),
        sides.ofClasses(members),
        ports,
      );
    parts.namedOutside(0, (addresses, ports) => {
      emit((from ??= sides.ofClasses(own)), sides.ofAddresses(addresses), ports);
    });
  });

  // BeNi and NeNi.
  cells.forEach(({ parts, signature, classes: own }, cell) => {
    const to = sides.ofClasses(own);
    const byPorts = new Map<string, Filed>();
    const byRow = new Map<number, Map<PortId, number[]>>();
    parts.named(signature, (pod, ports) => {
      if (isApart(pod)) return;
      const row = egress.of[pod] ?? 0;
      const base = baseOfRow[row] ?? 0;
      const open = table.intersect(ports, baseOn(base, signature));
      const apart = bases[base]?.apart;
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

  if (bothReadings) listHostProducts(input, sides, collected.add);
  else
    for (const [host, local] of localWorkloads(input))
      collected.add(sides.of('workloads', [host]), sides.of('workloads', [...local]), ALL);
  return collected.products();
}

/** Pod classes that a base does not hold for. Equal ones are one object; number 0 is nobody. */
interface Apart {
  readonly id: number;
  /** What is left of a list without them. */
  leave(list: readonly number[]): readonly number[];
}

function createApart(): (list: readonly number[]) => Apart {
  const known = new Map<string, Apart>([['', { id: 0, leave: (list) => list }]]);
  return (list) => {
    const key = list.join();
    let apart = known.get(key);
    if (!apart) {
      const gone = new Set(list);
      known.set(key, (apart = { id: known.size, leave: (all) => all.filter((index) => !gone.has(index)) }));
    }
    return apart;
  };
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
