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

  // Sources: the base of their row by number, so that rows of equal bases are one.
  const senders = egress.list.map((row) => ({
    parts: partsOut(row),
    classes: row.classes.map(({ index }) => index).filter((index) => !isApart(index)),
  }));
  const baseNumbers = new Map<string, number>();
  const baseOfRow = senders.map(({ parts }) => {
    const known = baseNumbers.get(parts.baseKey);
    if (known !== undefined) return known;
    baseNumbers.set(parts.baseKey, baseNumbers.size);
    return baseNumbers.size - 1;
  });
  const bases = Array.from(baseNumbers, () => ({ parts: undefined as RowParts | undefined, classes: [] as number[] }));
  senders.forEach(({ parts, classes: own }, row) => {
    const base = bases[baseOfRow[row] ?? 0];
    if (!base) return;
    base.parts ??= parts;
    for (const index of own) base.classes.push(index);
  });
  const baseOn = (base: number, signature: number): PortId => bases[base]?.parts?.base(signature) ?? NONE;
  const baseSides = bases.map((base) => sides.ofClasses(base.classes));

  // Destinations.
  const signatures = Int32Array.from(classes.all, ({ signature }) => signature);
  const cells: Cell[] = [];
  const cellOf = new Int32Array(classes.all.length).fill(-1);
  for (const row of ingress.list) {
    const parts = partsIn(row);
    const bySignature = new Map<number, number>();
    for (const { index, signature } of row.classes) {
      if (isApart(index)) continue;
      let cell = bySignature.get(signature);
      if (cell === undefined) {
        cell = cells.push({ parts, signature, base: parts.base(signature), classes: [] }) - 1;
        bySignature.set(signature, cell);
      }
      cells[cell]?.classes.push(index);
      cellOf[index] = cell;
    }
  }
  const cellSides = cells.map((cell) => sides.ofClasses(cell.classes));

  // BeBi.
  const alike = Map.groupBy(
    cells.filter(({ base }) => base !== NONE),
    ({ base, signature }) => `${base} ${signature}`,
  );
  const unions = new Map<string, readonly Side[]>();
  for (const some of alike.values()) {
    const [{ base, signature } = { base: NONE, signature: 0 }] = some;
    const to = sides.ofClasses(some.flatMap((cell) => cell.classes));
    emit(everyAddress, to, base);
    const byPorts = Map.groupBy(bases.keys(), (from) => table.intersect(baseOn(from, signature), base));
    for (const [ports, from] of byPorts) {
      if (ports === NONE) continue;
      const key = from.join();
      let both = unions.get(key);
      if (!both) unions.set(key, (both = sides.ofClasses(from.flatMap((one) => bases[one]?.classes ?? []))));
      emit(both, to, ports);
    }
  }
  bases.forEach((_, from) => {
    const ports = baseOn(from, 0);
    if (ports !== NONE) emit(baseSides[from] ?? [], everyAddress, ports);
  });

  // NeBi, and Ne by row and cell for NeNi.
  const naming: Map<number, number[]>[] = [];
  senders.forEach(({ parts, classes: own }, row) => {
    if (own.length === 0) return;
    let from: readonly Side[] | undefined;
    const byPorts = new Map<PortId, number[]>();
    parts.named(signatures, (pod, ports) => {
      const cell = cellOf[pod] ?? -1;
      if (cell < 0) return;
      const named = (naming[row] ??= new Map<number, number[]>());
      push(named, cell, pod);
      push(named, cell, ports);
      const open = table.intersect(ports, cells[cell]?.base ?? NONE);
      if (open !== NONE) push(byPorts, open, pod);
    });
    for (const [ports, to] of byPorts) emit((from ??= sides.ofClasses(own)), sides.ofClasses(to), ports);
    parts.namedOutside(0, (addresses, ports) => {
      emit((from ??= sides.ofClasses(own)), sides.ofAddresses(addresses), ports);
    });
  });

  // BeNi and NeNi.
  cells.forEach(({ parts, signature }, cell) => {
    const to = cellSides[cell] ?? [];
    const byPorts = new Map<PortId, number[]>();
    const byRow = new Map<number, Map<PortId, number[]>>();
    parts.named(signature, (pod, ports) => {
      if (isApart(pod)) return;
      const row = egress.of[pod] ?? 0;
      const open = table.intersect(ports, baseOn(baseOfRow[row] ?? 0, signature));
      if (open !== NONE) push(byPorts, open, pod);
      if (naming[row]?.has(cell) !== true) return;
      let own = byRow.get(row);
      if (!own) byRow.set(row, (own = new Map<PortId, number[]>()));
      push(own, ports, pod);
    });
    for (const [ports, from] of byPorts) emit(sides.ofClasses(from), to, ports);
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
