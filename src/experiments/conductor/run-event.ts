import type { Group, PhaseName, Point, RunState } from '../design/run-record.ts';
import type { TreatmentCheck } from '../faults/define-fault.ts';

/** What a run tells the person who watches it. */
export type RunEvent =
  | { readonly kind: 'phase'; readonly phase: PhaseName; readonly block?: number; readonly lastsMs: number }
  | { readonly kind: 'injected'; readonly says: string }
  | { readonly kind: 'takenBack'; readonly says: string; readonly residue: number }
  | { readonly kind: 'point'; readonly claim: string; readonly group: Group; readonly point: Point }
  | { readonly kind: 'bit'; readonly check: TreatmentCheck }
  | { readonly kind: 'ending'; readonly state: RunState; readonly because: string };

/** Hears what happens while a run goes on. */
export type Tell = (event: RunEvent) => void;
