import type { Protocol } from '../../../analysis/network/index.ts';

/** A flow with its ends as they were written. */
export interface WrittenFlow {
  readonly from: string;
  readonly to: string;
  readonly port: number;
  readonly protocol: Protocol;
}

/** A protocol by its name in any case; undefined for any that policies don't know. */
export function protocolOf(value: unknown): Protocol | undefined {
  const name = String(value).toUpperCase();
  return name === 'TCP' || name === 'UDP' || name === 'SCTP' ? name : undefined;
}
