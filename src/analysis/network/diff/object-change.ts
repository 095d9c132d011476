import type { ObjectRef } from '../../../model/object.ts';

/** What it is of an object that changed: of a workload or namespace what policies and Services look at. */
export type Aspect = 'labels' | 'addresses' | 'ports' | 'node' | 'hostNetwork' | 'identity' | 'spec';

/** A field that is not what it was. `key` is the label's. */
export interface FieldChange {
  readonly aspect: Aspect;
  readonly path: string;
  readonly key?: string;
  readonly says: string;
}

/** An object that is not what it was; `fields` says what changed about one that both states have. */
export interface ObjectChange {
  readonly ref: ObjectRef;
  readonly change: 'added' | 'removed' | 'changed';
  readonly fields: readonly FieldChange[];
}
