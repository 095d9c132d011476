import type { AttackPaths, FixSet } from '../analysis/attack/index.ts';
import type { ReachChange } from '../analysis/network/diff/diff.ts';
import type { Disagreement, Evidence, JudgedClaim } from '../claims/types.ts';
import type { API_VERSION } from '../model/api-version.ts';
import type { Because, EvidenceLevel, Severity, Verdict } from '../model/because.ts';
import type { ObjectRef } from '../model/object.ts';
import type { Coverage, SnapshotSource } from '../model/snapshot.ts';

/** Where a finding comes from. */
export type FindingOrigin = 'posture' | 'network' | 'access' | 'input' | 'disagreement' | 'suppression' | 'claim';

/** Something a person should look at, besides a claim. The same in every format. */
export interface Finding {
  /** The same for the same thing in every run, whatever else changes; what baselines and SARIF go by. */
  readonly id: string;
  /** Id of the check or rule, for `explain`. */
  readonly check: string;
  readonly origin: FindingOrigin;
  /** `unknown`: it could not be judged; shown, and never counted as either. */
  readonly verdict: 'fail' | 'unknown';
  readonly severity: Severity;
  readonly object?: ObjectRef;
  readonly container?: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** Field of the object, from its root. */
  readonly path?: string;
  readonly message: string;
  readonly hint?: string;
  readonly because: readonly Because[];
  /** Somebody has accepted it, with a reason and until a day. */
  readonly accepted?: { readonly reason: string; readonly until: string };
  /** Not in the baseline (or in what was compared with). */
  readonly new?: boolean;
}

/** The sum of a verification. */
export interface ReportSummary {
  readonly claims: Readonly<Record<Verdict, number>>;
  /** Findings that fail and nobody accepted, by severity. */
  readonly findings: Readonly<Record<Severity, number>>;
  readonly accepted: number;
  readonly unknownFindings: number;
  /** Whether everything asked for could be read and judged. */
  readonly complete: boolean;
  /** The worst things first, at most five. */
  readonly worst: readonly WorstThing[];
}

/** A violated claim, or all findings of one check together. */
export interface WorstThing {
  readonly kind: 'claim' | 'check';
  /** Id of the claim or check. */
  readonly id: string;
  readonly severity: Severity;
  readonly says: string;
  /** Objects it is about, as text. */
  readonly objects: readonly string[];
  readonly because: string;
  /** Where the first of them stands, `file:12`. */
  readonly at?: string;
}

/** What is different from another source. */
export interface Comparison {
  readonly against: string;
  readonly verdicts: readonly {
    readonly claim: string;
    readonly statement: string;
    readonly before: Verdict | 'absent';
    readonly after: Verdict | 'absent';
  }[];
  readonly connections: readonly {
    readonly change: ReachChange['change'];
    readonly from: string;
    readonly to: string;
    readonly before: string | null;
    readonly after: string | null;
    readonly opens: boolean;
  }[];
  readonly newFindings: readonly string[];
  /** Findings that are gone, in the words they had. */
  readonly fixedFindings: readonly { readonly id: string; readonly check: string; readonly message: string }[];
}

/** What `verify` found: claims with verdicts, findings, what was read, and the sum of it. */
export interface VerificationReport {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: 'VerificationReport';
  readonly source: SnapshotSource & { readonly kubernetesVersion?: string; readonly takenAt?: string };
  readonly generatedAt?: string;
  /** The level of evidence that was asked for. */
  readonly level: EvidenceLevel;
  readonly summary: ReportSummary;
  readonly claims: readonly JudgedClaim[];
  readonly findings: readonly Finding[];
  readonly disagreements: readonly Disagreement[];
  readonly coverage: Coverage;
  readonly comparison?: Comparison;
  readonly experiments?: readonly ExperimentReport[];
  /** The paths behind attackPath claims that do not hold. */
  readonly attackPaths?: readonly ClaimPaths[];
}

/** The paths behind the verdict on an attackPath claim. */
export interface ClaimPaths extends Pick<AttackPaths, 'edges' | 'paths' | 'chokePoints'> {
  /** Id of the claim. */
  readonly claim: string;
  /** What would cut them all, where it was looked for and found. */
  readonly fix?: FixSet;
}

/** One sample of a steady state. */
export interface CurvePoint {
  /** Seconds since the experiment began. */
  readonly t: number;
  /** Share of requests that succeeded, 0 to 1. */
  readonly ok: number;
  readonly latencyMs?: number;
  /** False for a look that began in one phase and ended in another: it speaks for neither. */
  readonly counted: boolean;
}

/** An experiment as a report shows it. */
export interface ExperimentReport {
  readonly name: string;
  readonly title?: string;
  readonly startedAt?: string;
  readonly seconds: number;
  readonly outcome: 'completed' | 'stopped' | 'aborted' | 'refused';
  /** Why it was stopped or refused. */
  readonly outcomeSays?: string;
  /** `switchback`, `parallel`, `single`, and what that is worth. */
  readonly design: string;
  readonly phases: readonly {
    readonly name: string;
    readonly from: number;
    readonly to: number;
    readonly fault: boolean;
  }[];
  readonly faults: readonly {
    readonly kind: string;
    readonly says: string;
    readonly from: number;
    readonly to: number;
    readonly bit: boolean | 'unknown';
  }[];
  readonly curves: readonly {
    readonly claim: string;
    readonly statement: string;
    readonly tolerance?: number;
    readonly points: readonly CurvePoint[];
  }[];
  readonly verdicts: readonly {
    readonly claim: string;
    readonly statement: string;
    readonly verdict: Verdict;
    readonly says: string;
    readonly evidence?: Evidence;
  }[];
  /** What the experiment left behind; empty is clean. */
  readonly residue: readonly string[];
}

/** Who reaches whom, as the HTML report draws it. */
export interface ReachMatrix {
  readonly profile: string;
  /** `namespace/name[Kind]`, sorted; rows and columns alike. */
  readonly workloads: readonly string[];
  /** Port sets as text; entry 0 is none, 1 is undecided. */
  readonly ports: readonly string[];
  /** Port-set numbers of all destinations, run-length encoded: count, number, count, number. Each pattern once. */
  readonly patterns: readonly (readonly number[])[];
  /** For each source, which pattern it has: most workloads of a namespace share one. */
  readonly rows: readonly number[];
  /** Whether every undecided pair is marked; otherwise an empty cell means that no connection is certain. */
  readonly exact: boolean;
}
