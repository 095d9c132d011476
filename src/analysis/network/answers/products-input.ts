import type { AddressSpace } from '../addresses/address-space.ts';
import type { Classes } from '../classes/classes.ts';
import type { PortTable } from '../ports/port-table.ts';
import type { Matrix } from '../rows/matrix.ts';
import type { Rows } from '../rows/rows.ts';

/** What the complete answer is made from. */
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
