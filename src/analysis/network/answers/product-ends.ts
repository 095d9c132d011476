import type { ProductsInput } from './products-input.ts';
import type { PortId } from '../ports/port-table.ts';
import { createRowParts, type RowParts } from '../rows/row-parts.ts';

/** Rows of sources; those of equal bases, which hold for the same destinations, are one. */
export interface Senders {
  readonly rows: readonly { readonly parts: RowParts; readonly base: number; readonly classes: readonly number[] }[];
  readonly bases: readonly SenderBase[];
}

export interface SenderBase {
  readonly parts: RowParts;
  /** Destinations that the base does not hold for. */
  readonly apart: Apart;
  readonly classes: readonly number[];
}

/** The classes of one ingress row with one signature: alike as destinations but for the peers that name them. */
export interface Cell {
  readonly parts: RowParts;
  readonly signature: number;
  readonly base: PortId;
  /** Sources that the base does not hold for. */
  readonly apart: Apart;
  readonly classes: readonly number[];
}

export interface Receivers {
  readonly cells: readonly Cell[];
  /** The cell of each class, by class index; -1 for one that is in none. */
  readonly cellOf: Int32Array;
}

/** Reads the sources of products, by egress row. Classes that are left out are in none. */
export function readSenders(
  input: ProductsInput,
  signatures: Int32Array,
  isLeftOut: (index: number) => boolean,
): Senders {
  const partsOf = createRowParts(input, input.egress);
  const apartOf = createApart();
  const bases: (SenderBase & { readonly classes: number[] })[] = [];
  const numbers = new Map<string, number>();
  const rows = input.egress.list.map((row) => {
    const parts = partsOf(row);
    const apart = apartOf(parts.apart(signatures));
    const classes = row.classes.map(({ index }) => index).filter((index) => !isLeftOut(index));
    const key = `${apart.id} ${parts.baseKey}`;
    let base = numbers.get(key);
    if (base === undefined) numbers.set(key, (base = bases.push({ parts, apart, classes: [] }) - 1));
    for (const index of classes) bases[base]?.classes.push(index);
    return { parts, base, classes };
  });
  return { rows, bases };
}

/** Reads the destinations of products, by ingress row and signature. Classes that are left out are in none. */
export function readReceivers(input: ProductsInput, isLeftOut: (index: number) => boolean): Receivers {
  const partsOf = createRowParts(input, input.ingress);
  const apartOf = createApart();
  const cells: (Cell & { readonly classes: number[] })[] = [];
  const cellOf = new Int32Array(input.classes.all.length).fill(-1);
  for (const row of input.ingress.list) {
    const parts = partsOf(row);
    const bySignature = new Map<number, number>();
    for (const { index, signature } of row.classes) {
      if (isLeftOut(index)) continue;
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
  return { cells, cellOf };
}

/** Pod classes that a base does not hold for. Equal ones are one object; number 0 is nobody. */
export interface Apart {
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
