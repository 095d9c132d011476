import type { AddressSpace } from '../addresses/address-space.ts';
import type { Classes } from '../classes/classes.ts';
import { addressOfPeer } from './peer-sets.ts';
import { ALL, NONE, type PortId, type PortTable } from '../ports/port-table.ts';
import { portsWith, type Row, type Rows } from './rows.ts';

/**
 * Which peer the policies let reach which, on which ports. Nothing is stored pair by pair: the rows are the answer, this
 * unfolds it.
 */
export interface Matrix {
  /** Ports one peer may use to another. O(rules of the two rows). */
  between(source: number, destination: number): PortId;
  /**
   * Whether some class of one set may use a port to some class of the other. Between two rows it is enough that the one
   * lets the port out to somebody there, and the other lets it in from somebody here.
   */
  someReach(sources: readonly number[], destinations: readonly number[], port: PortId): boolean;
  /** Ports that the policies about the source let out. */
  outgoing(source: number, destination: number): PortId;
  /** Ports that the policies about the destination let in. */
  incoming(destination: number, source: number): PortId;
  /** Whether a connection of the two has an address family to use, among some (bits 1 and 2). */
  shareFamily(source: number, destination: number, among?: number): boolean;
}

export interface MatrixInput {
  readonly classes: Classes;
  readonly space: AddressSpace;
  readonly table: PortTable;
  readonly ingress: Rows;
  readonly egress: Rows;
}

export function createMatrix({ classes, space, table, ingress, egress }: MatrixInput): Matrix {
  const familiesOf = (peer: number): number =>
    peer < 0 ? (space.familyOf(addressOfPeer(peer)) === 4 ? 1 : 2) : (classes.all[peer]?.families ?? 0);
  const signatureOf = (peer: number): number => classes.all[peer]?.signature ?? 0;
  const rowOf = (rows: Rows, peer: number): Row | undefined => (peer < 0 ? undefined : rows.list[rows.of[peer] ?? -1]);
  const shareFamily: Matrix['shareFamily'] = (source, destination, among = 3) =>
    (familiesOf(source) & familiesOf(destination) & among) !== 0;
  const outgoing: Matrix['outgoing'] = (source, destination) => {
    const row = rowOf(egress, source);
    return row ? portsWith(egress, row, destination, signatureOf(destination), table) : ALL;
  };
  const incoming: Matrix['incoming'] = (destination, source) => {
    const row = rowOf(ingress, destination);
    return row ? portsWith(ingress, row, source, signatureOf(destination), table) : ALL;
  };
  const between: Matrix['between'] = (source, destination) => {
    if (!shareFamily(source, destination)) return NONE;
    const out = outgoing(source, destination);
    return out === NONE ? NONE : table.intersect(out, incoming(destination, source));
  };
  const someReach: Matrix['someReach'] = (sources, destinations, port) => {
    if (sources.length === 1 || destinations.length === 1)
      return sources.some((a) => destinations.some((b) => table.intersect(port, between(a, b)) !== NONE));
    const senders = [...Map.groupBy(sources, (a) => `${egress.of[a]} ${familiesOf(a)}`).values()];
    const receivers = Map.groupBy(destinations, (b) => `${ingress.of[b]} ${familiesOf(b)} ${signatureOf(b)}`);
    return [...receivers.values()].some((to) =>
      senders.some((from) => {
        const [source = 0, destination = 0] = [from[0], to[0]];
        if (!shareFamily(source, destination)) return false;
        return (
          to.some((b) => table.intersect(port, outgoing(source, b)) !== NONE) &&
          from.some((a) => table.intersect(port, incoming(destination, a)) !== NONE)
        );
      }),
    );
  };
  return { between, someReach, outgoing, incoming, shareFamily };
}
