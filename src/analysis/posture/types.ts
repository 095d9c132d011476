import type { Because, Severity } from '../../model/because.ts';
import type { ObjectRef } from '../../model/object.ts';

/** `unknown` names what could not be read; `notApplicable` says why the question does not arise for this object. */
export type CheckVerdict = 'fail' | 'pass' | 'unknown' | 'notApplicable';

/** What one check says of one object, or of one place in it. */
export interface CheckResult {
  readonly check: string;
  readonly verdict: CheckVerdict;
  readonly severity: Severity;
  /** The object as written: the controller, never a pod it makes. */
  readonly object: ObjectRef;
  readonly container?: string;
  readonly file?: string;
  /** Dotted, from the root of the object: `spec.template.spec.hostPID`. */
  readonly path?: string;
  readonly line?: number;
  readonly message: string;
  readonly because: readonly Because[];
  /** A suppression that is in force; the verdict stays what it is. */
  readonly accepted?: Acceptance;
}

/** Who owns the cluster has seen a finding and lives with it, for a time. */
export interface Acceptance {
  readonly reason: string;
  /** Last day on which it counts, `2027-01-31`. */
  readonly until: string;
}

/** Where a check meets the catalogues people are audited by. Ids only; titles are in frameworks.ts. */
export interface Frameworks {
  readonly pss?: 'baseline' | 'restricted';
  /** CIS Kubernetes Benchmark v1.12, as kube-bench numbers it. */
  readonly cis?: readonly string[];
  /** Chapter of the NSA/CISA Kubernetes Hardening Guide v1.2. */
  readonly nsa?: readonly NsaChapter[];
  readonly attack?: readonly string[];
  /** OWASP Kubernetes Top 10, 2025. */
  readonly owasp?: readonly string[];
}

/** Chapters of the Kubernetes Hardening Guidance of NSA and CISA. */
export type NsaChapter = 'pods' | 'network' | 'authentication' | 'logging' | 'upgrade';
