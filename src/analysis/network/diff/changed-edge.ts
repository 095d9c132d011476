import type { PortSet } from '../ports/ports.ts';
import type { Peer } from '../types.ts';

/** An edge that is not what it was. Empty ports: no connection. */
export interface ChangedEdge {
  readonly from: Peer;
  readonly to: Peer;
  readonly was: PortSet;
  readonly is: PortSet;
}
