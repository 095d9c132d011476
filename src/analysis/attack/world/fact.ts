import type { Because } from '../../../model/because.ts';

/** A fact that may be left open by what was read. */
export interface Fact {
  readonly holds: boolean | 'unknown';
  readonly because: readonly Because[];
}
