import { ALL_PORTS, formatPorts, intersectPorts, NO_PORTS, subtractPorts, unionPorts, type PortSet } from './ports.ts';

/** A port set by number: equal sets have equal ids, so comparing is `===` and every operation is remembered. */
export type PortId = number;
export const NONE: PortId = 0;
export const ALL: PortId = 1;

/**
 * Port sets that occur in one analysis, each stored once. A cluster names few different ones, so an operation on
 * two ids is nearly always a look-up; this takes the place of the port atoms of the literature.
 */
export interface PortTable {
  id(set: PortSet): PortId;
  set(id: PortId): PortSet;
  text(id: PortId): string;
  /** How many different sets there are. */
  size(): number;
  union(a: PortId, b: PortId): PortId;
  intersect(a: PortId, b: PortId): PortId;
  subtract(a: PortId, b: PortId): PortId;
}

export function createPortTable(): PortTable {
  const sets: PortSet[] = [];
  const texts: string[] = [];
  const ids = new Map<string, PortId>();
  const id = (set: PortSet): PortId => {
    const text = formatPorts(set);
    let known = ids.get(text);
    if (known === undefined) {
      known = sets.length;
      ids.set(text, known);
      sets.push(set);
      texts.push(text);
    }
    return known;
  };
  const at = (index: PortId): PortSet => sets[index] ?? NO_PORTS;
  id(NO_PORTS);
  id(ALL_PORTS);

  const remembered = (operation: (a: PortSet, b: PortSet) => PortSet): ((a: PortId, b: PortId) => PortId) => {
    const memo: Map<PortId, PortId>[] = [];
    return (a, b) => {
      const row = (memo[a] ??= new Map<PortId, PortId>());
      let known = row.get(b);
      if (known === undefined) row.set(b, (known = id(operation(at(a), at(b)))));
      return known;
    };
  };
  const union = remembered(unionPorts);
  const intersect = remembered(intersectPorts);
  const subtract = remembered(subtractPorts);
  return {
    id,
    set: at,
    text: (index) => texts[index] ?? '',
    size: () => sets.length,
    union: (a, b) => (a === b || b === NONE || a === ALL ? a : a === NONE || b === ALL ? b : union(a, b)),
    intersect: (a, b) => (a === b || a === NONE || b === ALL ? a : a === ALL || b === NONE ? b : intersect(a, b)),
    subtract: (a, b) => (a === b || b === ALL || a === NONE ? NONE : b === NONE ? a : subtract(a, b)),
  };
}
