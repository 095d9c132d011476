import type { Classes } from './classes.ts';
import type { AddressSpace } from './address-space.ts';
import { addressPeer } from './peer-sets.ts';
import { ALL, NONE, type PortId, type PortTable } from './port-table.ts';
import { isOpen, portsWith, type Row, type Rows } from './rows.ts';

/**
 * What a row lets through, in two parts that have no port of a peer in common: the ports of every peer, and what single
 * peers may use beyond them because a rule names them.
 */
export interface RowParts {
  /** The ports of every peer, where the destination has this signature. */
  base(signature: number): PortId;
  /** Equal for rows of equal base. */
  readonly baseKey: string;
  /** Calls `visit` once for each pod class that is named. */
  named(signature: Signature, visit: (pod: number, ports: PortId) => void): void;
  /** Calls `visit` for classes of addresses that are named; one may come again with other ports. */
  namedOutside(signature: number, visit: (addresses: Int32Array, ports: PortId) => void): void;
}

/** The signature of the destination: one for all, or of each pod class by index where that is the destination. */
export type Signature = number | Int32Array;

export interface RowPartsInput {
  readonly classes: Classes;
  readonly space: AddressSpace;
  readonly table: PortTable;
}

/** Takes rows apart. A row with rules that deny or pass has no base: each peer is looked at by itself. */
export function createRowParts({ classes, space, table }: RowPartsInput, rows: Rows): (row: Row) => RowParts {
  const pods = classes.all.length;
  const sums = new Int32Array(pods);
  const signatureAt = (signature: Signature, pod: number): number =>
    typeof signature === 'number' ? signature : (signature[pod] ?? 0);

  return (row) => {
    if (row.uncertain) return NOTHING;
    if (isOpen(row)) return EVERYTHING;
    const { union } = rows.body(row);
    if (!union) return peerByPeer(row);
    const everyone = union.rules.filter(({ peers }) => peers.everyone);
    const rules = union.rules.filter(({ peers }) => !peers.everyone);
    const bases: PortId[] = [];
    const base = (signature: number): PortId =>
      (bases[signature] ??= everyone.reduce((sum, { ports }) => table.union(sum, ports.on(signature)), NONE));
    return {
      base,
      baseKey: everyone
        .map(({ ports }) => ports.key)
        .sort()
        .join('|'),
      named(signature, visit) {
        const touched: number[] = [];
        for (const { peers, ports } of rules) {
          const fixed = typeof signature === 'number' ? ports.on(signature) : NONE;
          for (const pod of peers.pods.ids) {
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

  function peerByPeer(row: Row): RowParts {
    return {
      base: () => NONE,
      baseKey: '',
      named(signature, visit) {
        for (let pod = 0; pod < pods; pod++) {
          const ports = portsWith(rows, row, pod, signatureAt(signature, pod), table);
          if (ports !== NONE) visit(pod, ports);
        }
      },
      namedOutside(signature, visit) {
        const byPorts = new Map<PortId, number[]>();
        for (let address = 0; address < space.size; address++) {
          const ports = portsWith(rows, row, addressPeer(address), signature, table);
          if (ports === NONE) continue;
          const known = byPorts.get(ports);
          if (known) known.push(address);
          else byPorts.set(ports, [address]);
        }
        for (const [ports, addresses] of byPorts) visit(Int32Array.from(addresses), ports);
      },
    };
  }
}

const NOTHING: RowParts = { base: () => NONE, baseKey: '', named: () => undefined, namedOutside: () => undefined };
const EVERYTHING: RowParts = { ...NOTHING, base: () => ALL, baseKey: 'all' };
