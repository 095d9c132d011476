import type { Classes } from '../classes/classes.ts';
import type { AddressSpace } from '../addresses/address-space.ts';
import { createPeerKinds } from './peer-kinds.ts';
import { addressPeer } from './peer-sets.ts';
import { ALL, NONE, type PortId, type PortTable } from '../ports/port-table.ts';
import { isOpen, portsWith, type Row, type Rows } from './rows.ts';

/**
 * What a row lets through, in two parts that have no port of a peer in common: the ports of every peer, and what single
 * peers may use beyond them. Where rules deny, some peers may use less than the others: they are apart, and what they may
 * use is told of them alone.
 */
export interface RowParts {
  /** The ports of every pod that is not apart, where the destination has this signature. */
  base(signature: number): PortId;
  /** The ports of every address outside. */
  baseOutside(signature: number): PortId;
  /** Equal for rows of equal bases. */
  readonly baseKey: string;
  /** Calls `visit` once for each pod class that may use more, with what is beyond the base, or is apart, with all it may use. */
  named(signature: Signature, visit: (pod: number, ports: PortId) => void): void;
  /** The pod classes that are apart. */
  apart(signature: Signature): readonly number[];
  /** Calls `visit` for classes of addresses that may use more; one may come again with other ports. */
  namedOutside(signature: number, visit: (addresses: Int32Array, ports: PortId) => void): void;
}

/** The signature of the destination: one for all, or of each pod class by index where that is the destination. */
export type Signature = number | Int32Array;

export interface RowPartsInput {
  readonly classes: Classes;
  readonly space: AddressSpace;
  readonly table: PortTable;
}

/** Takes rows apart. */
export function createRowParts({ classes, space, table }: RowPartsInput, rows: Rows): (row: Row) => RowParts {
  const pods = classes.all.length;
  const sums = new Int32Array(pods);
  const inUse = [...new Set(classes.all.map(({ signature }) => signature))];
  const peerKinds = createPeerKinds(classes.all.length, space.size);
  const signatureAt = (signature: Signature, pod: number): number =>
    typeof signature === 'number' ? signature : (signature[pod] ?? 0);

  return (row) => {
    if (row.uncertain) return NOTHING;
    if (isOpen(row)) return EVERYTHING;
    const { union } = rows.body(row);
    if (!union) return inStages(row);
    const everyone = union.rules.filter(({ peers }) => peers.everyone);
    const rules = union.rules.filter(({ peers }) => !peers.everyone);
    const bases: PortId[] = [];
    const base = (signature: number): PortId =>
      (bases[signature] ??= everyone.reduce((sum, { ports }) => table.union(sum, ports.on(signature)), NONE));
    return {
      base,
      baseOutside: base,
      apart: () => [],
      baseKey: everyone
        .map(({ ports }) => ports.key)
        .sort()
        .join('|'),
      named(signature, visit) {
        const touched: number[] = [];
        for (const { peers, ports } of rules) {
          const fixed = typeof signature === 'number' ? ports.on(signature) : NONE;
          const { ids } = peers.pods;
          for (let i = 0; i < ids.length; i++) {
            const pod = ids[i] as number;
            const more = typeof signature === 'number' ? fixed : ports.on(signature[pod] ?? 0);
            if (more === NONE) continue;
            const old = sums[pod] as number;
            if (old === NONE) touched.push(pod);
            sums[pod] = table.union(old, more);
          }
        }
        for (const pod of touched) {
          const beyond = table.subtract(sums[pod] as number, base(signatureAt(signature, pod)));
          sums[pod] = NONE;
          if (beyond !== NONE) visit(pod, beyond);
        }
      },
      namedOutside(signature, visit) {
        for (const { peers, ports } of rules) {
          if (peers.addresses.ids.length === 0) continue;
          const beyond = table.subtract(ports.on(signature), base(signature));
          if (beyond !== NONE) visit(peers.addresses.ids, beyond);
        }
      },
    };
  };

  /** A row with rules that deny or pass: its base is what the largest kind of pods may use. */
  function inStages(row: Row): RowParts {
    const { pods: podKinds, addresses } = peerKinds(rows.body(row));
    /** What one peer may use, for each signature looked up once. */
    const portsOf = (peer: number): ((signature: number) => PortId) => {
      const known: PortId[] = [];
      return (signature) => (known[signature] ??= portsWith(rows, row, peer, signature, table));
    };
    const base = portsOf(podKinds.most);
    const others = podKinds.others.map((kind) => ({ kind, ports: portsOf(kind[0] ?? 0) }));
    const usualOutside = portsOf(addressPeer(addresses.most));
    const othersOutside = addresses.others.map((kind) => ({
      kind: Int32Array.from(kind).sort(),
      ports: portsOf(addressPeer(kind[0] ?? 0)),
    }));
    // Where some address may use less than most, there is no base, and most are told of as the others are.
    const hasBase = (signature: number): boolean =>
      othersOutside.every(({ ports }) => table.subtract(usualOutside(signature), ports(signature)) === NONE);
    const baseOutside = (signature: number): PortId => (hasBase(signature) ? usualOutside(signature) : NONE);
    const eachOther = (
      signature: Signature,
      visit: (pod: number, ports: PortId, usual: PortId, isApart: boolean) => void,
    ): void => {
      for (const { kind, ports } of others)
        for (const pod of kind) {
          const here = signatureAt(signature, pod);
          const usual = base(here);
          visit(pod, ports(here), usual, table.subtract(usual, ports(here)) !== NONE);
        }
    };
    return {
      base,
      baseOutside,
      baseKey: `stages ${baseOutside(0)} ${inUse.map(base).join()}`,
      named(signature, visit) {
        eachOther(signature, (pod, ports, usual, isApart) => {
          const told = isApart ? ports : table.subtract(ports, usual);
          if (told !== NONE) visit(pod, told);
        });
      },
      apart(signature) {
        const found: number[] = [];
        eachOther(signature, (pod, _ports, _usual, isApart) => {
          if (isApart) found.push(pod);
        });
        return found.sort((a, b) => a - b);
      },
      namedOutside(signature, visit) {
        const usual = baseOutside(signature);
        for (const { kind, ports } of othersOutside) {
          const beyond = table.subtract(ports(signature), usual);
          if (beyond !== NONE) visit(kind, beyond);
        }
        if (!hasBase(signature) && usualOutside(signature) !== NONE)
          visit(addresses.largest(), usualOutside(signature));
      },
    };
  }
}

const NOTHING: RowParts = {
  base: () => NONE,
  baseOutside: () => NONE,
  baseKey: '',
  named: () => undefined,
  apart: () => [],
  namedOutside: () => undefined,
};
const EVERYTHING: RowParts = { ...NOTHING, base: () => ALL, baseOutside: () => ALL, baseKey: 'all' };
