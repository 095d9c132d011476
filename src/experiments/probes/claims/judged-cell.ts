import type { Because, Verdict } from '../../../model/because.ts';
import { formatRef } from '../../../model/object.ts';
import { describeCell, isClosed, isIPv6, type ConnectCell } from '../connect.ts';
import type { LivePod } from '../live-pods.ts';
import { observed } from './claim-probe.ts';
import type { ReachCell } from './reach-cells.ts';

/** What one connection says of the claim. */
export interface JudgedCell {
  readonly verdict: Verdict;
  readonly because: readonly Because[];
  /** It was let in, and should not have been. */
  readonly intruded?: boolean;
}

/** A connection that was tried, or could not be. */
export interface Tried {
  readonly cell: ReachCell;
  readonly from?: LivePod;
  /** With the address that was dialled. */
  readonly to?: LivePod;
  readonly result?: ConnectCell;
  /** How long its answer was waited for. */
  readonly waitedMs?: number;
  readonly why?: string;
}

/** What the connections tried say of the claim. A refusal is settled by whether anybody else was let in at that door. */
export function judgeCells(tried: readonly Tried[]): readonly JudgedCell[] {
  const door = ({ cell, to }: Tried): string => `${to?.uid} ${to?.address} ${cell.port} ${cell.protocol}`;
  const listening = new Set(tried.filter(({ result }) => result?.outcome === 'connected').map(door));
  return tried.map((one) => {
    const { cell, from, to, result, why } = one;
    if (!result)
      return {
        verdict: 'unknown' as const,
        because: [{ kind: 'absence' as const, of: 'pod', says: `${describeReachCell(cell)} was not tried: ${why}` }],
      };
    const family = isIPv6(to?.address ?? '') ? ' over IPv6' : '';
    const way = `${from?.namespace}/${from?.name} to ${to?.namespace}/${to?.name}:${cell.port}/${cell.protocol}${family}`;
    const because = [observed(result.at, `${way}: ${describeCell(result)}`, result)];
    const rejected = result.outcome === 'refused' && listening.has(door(one));
    const closed = rejected ? true : isClosed(result);
    // An unready pod that does not answer may just not be there yet: only an answer says something of it.
    if (closed === 'unknown' || (closed && to?.ready !== true)) return { verdict: 'unknown' as const, because };
    if (closed === (cell.expect === 'closed')) return { verdict: 'holds' as const, because };
    return { verdict: 'violated' as const, because, intruded: !closed };
  });
}

/** A door that is open and should be closed is worse than one that is closed and should be open. */
export function worstFirst(parts: readonly JudgedCell[]): readonly JudgedCell[] {
  return [...parts].sort((a, b) => Number(b.intruded === true) - Number(a.intruded === true));
}

/** `Deployment shop/cart to Deployment shop/cart-store:6379/TCP`. */
export function describeReachCell({ from, to, port, protocol }: ReachCell): string {
  return `${formatRef(from.ref)} to ${formatRef(to.ref)}:${port}/${protocol}`;
}
