import type { API_VERSION } from '../../model/api-version.ts';
import type { Because, EvidenceLevel, Severity, Verdict } from '../../model/because.ts';
import type { Ending, Residue, Touches, TreatmentCheck } from '../faults/define-fault.ts';
import type { Design, Experiment } from '../schema.ts';

/** A stretch of a run. `washout` is the start of a block that is not counted. */
export type PhaseName = 'before' | 'during' | 'after' | 'on' | 'off' | 'washout';

/** A phase of a run with its times (RFC 3339). */
export interface Phase {
  readonly name: PhaseName;
  /** Number of the block, from 0; for switchback. */
  readonly block?: number;
  readonly from: string;
  readonly to: string;
}

/** Whose pods a series speaks of. */
export type Group = 'all' | 'experimental' | 'control';

/** One look at one claim. */
export interface Point {
  readonly at: string;
  readonly verdict: Verdict;
  readonly phase: PhaseName;
  readonly block?: number;
  /** False when the phase changed while it was being looked at. */
  readonly counted: boolean;
  readonly milliseconds?: number;
  /** What was seen, where it was not as the claim says. */
  readonly says?: string;
}

/** Everything that was seen of a claim in one group. */
export interface Series {
  readonly claim: string;
  readonly group: Group;
  readonly points: readonly Point[];
}

/** What became of one injection. */
export interface FaultRecord {
  readonly fault: string;
  readonly injection: string;
  readonly says: string;
  readonly appliedAt?: string;
  readonly undoneAt?: string;
  readonly bit: TreatmentCheck;
  readonly residue: readonly Residue[];
}

/** What a run touches, beside what it may. */
export interface BlastRadius {
  readonly limit: Experiment['spec']['blastRadius'];
  readonly touched: Touches;
  readonly within: boolean;
  /** Why it would be exceeded; empty when it is not. */
  readonly because: readonly string[];
}

/** What an experiment would do here: `experiment plan`. Nothing has been changed for it. */
export interface ExperimentPlan {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: 'ExperimentPlan';
  readonly metadata: { readonly name: string };
  readonly context: string;
  readonly server: string;
  readonly hypothesis: readonly {
    readonly claim: string;
    readonly statement: string;
    readonly looks: readonly string[];
  }[];
  readonly faults: readonly {
    readonly fault: string;
    readonly title: string;
    readonly tier: string;
    readonly says: string;
    readonly touches: Touches;
    /** What ends it when the conductor is killed. */
    readonly endsBy: Ending;
  }[];
  readonly design: Design;
  /** How long it takes when nothing stops it, in milliseconds. */
  readonly lastsMs: number;
  readonly blastRadius: BlastRadius;
  readonly stopWhen: readonly { readonly claim: string; readonly violatedFor: string }[];
  /** What the reader should know before saying yes. */
  readonly notes: readonly string[];
}

/**
 * completed: all of it was done. stopped: the safety stop, or nothing could be seen any more. aborted: somebody said so.
 * steadyStateNotMet: a claim was violated before anything was broken, so nothing was. steadyStateUnknown: none was
 * violated, but one could not be judged, so nothing was broken either. failed: a fault could not be applied, or another
 * process took over.
 */
export type RunState = 'completed' | 'stopped' | 'aborted' | 'steadyStateNotMet' | 'steadyStateUnknown' | 'failed';

/** What tells the fault's effect from chance. */
export type Comparison =
  | {
      readonly kind: 'switchback';
      readonly pairs: number;
      /** Evidence that the fault raises the share of violations; at 1/alpha it is blamed. */
      readonly eValue: number;
      readonly alpha: number;
      readonly blamed: boolean;
    }
  | {
      readonly kind: 'parallel';
      /** Difference in the share of violations, experimental minus control. */
      readonly difference: number;
      /** Confidence sequence of it; absent while there are too few looks. */
      readonly interval?: readonly [lower: number, upper: number];
      readonly alpha: number;
      readonly blamed: boolean;
    }
  | { readonly kind: 'none'; readonly because: string };

/** The verdict of a run on one claim of its hypothesis. */
export interface ClaimVerdict {
  readonly claim: string;
  readonly statement: string;
  readonly severity: Severity;
  readonly verdict: Verdict;
  readonly level: EvidenceLevel;
  readonly observedAt: string;
  readonly because: readonly Because[];
  readonly comparison: Comparison;
  /** From the first violation under fault until it held again to the end; absent without a violation. */
  readonly recovery?: { readonly milliseconds: number; readonly recovered: boolean };
}

/** What an experiment did and found: `experiment run`. */
export interface ExperimentRun {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: 'ExperimentRun';
  readonly metadata: { readonly name: string; readonly run: string };
  readonly context: string;
  readonly server: string;
  readonly state: RunState;
  /** Why it did not complete. */
  readonly because?: string;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly design: Design;
  /** Of the random numbers: which pods, which blocks. */
  readonly seed: number;
  readonly blastRadius: BlastRadius;
  readonly phases: readonly Phase[];
  readonly faults: readonly FaultRecord[];
  readonly series: readonly Series[];
  readonly verdicts: readonly ClaimVerdict[];
  /** What is left behind; empty is clean. */
  readonly residue: readonly Residue[];
}
