import type { Position } from './errors.ts';
import type { ObjectRef } from './object.ts';
import type { Gap } from './snapshot.ts';

/**
 * One reason of a verdict, checkable by hand: a field of an object, something that is not there, a rule of
 * Kubernetes, a gap in what was read, a parameter the implementation decides, or an observation. `says` is a
 * sentence for a person.
 */
export type Because =
  | {
      readonly kind: 'field';
      readonly object: ObjectRef;
      /** Dotted path as kubectl writes it: `spec.ingress[0].from[1]`. */
      readonly path: string;
      readonly value?: unknown;
      readonly says: string;
      readonly at?: Position;
    }
  | { readonly kind: 'absence'; readonly of: string; readonly says: string }
  | { readonly kind: 'rule'; readonly source: string; readonly says: string }
  | { readonly kind: 'gap'; readonly gap: Gap; readonly says: string }
  | { readonly kind: 'parameter'; readonly parameter: string; readonly says: string }
  | { readonly kind: 'observation'; readonly observedAt: string; readonly says: string; readonly data?: unknown };

/** `holds` and `violated` are claims about the cluster; `unknown` is what is left when either can't be justified. */
export type Verdict = 'holds' | 'violated' | 'unknown';

/** What a verdict rests on, weakest first. */
export const EVIDENCE_LEVELS = ['declared', 'analysed', 'observed', 'proven'] as const;
/** One of these levels. */
export type EvidenceLevel = (typeof EVIDENCE_LEVELS)[number];

/** What it would mean if something were so, worst first. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;
/** One of these severities. */
export type Severity = (typeof SEVERITIES)[number];

/** Order of severities, worst first. */
export function compareSeverity(a: Severity, b: Severity): number {
  return SEVERITIES.indexOf(a) - SEVERITIES.indexOf(b);
}

/** Whether something is as bad as a threshold, or worse. */
export function isAtLeast(severity: Severity, threshold: Severity): boolean {
  return compareSeverity(severity, threshold) <= 0;
}

/** What could not be read, as a reason that says what would give it. */
export function becauseOfGap(gap: Gap): Because {
  return { kind: 'gap', gap, says: `${gap.detail}. ${gap.remedy}` };
}

/** `['spec', 'ingress', 0, 'from']` as `spec.ingress[0].from`. */
export function formatPath(path: readonly (string | number)[]): string {
  return path.reduce<string>((done, step) => {
    if (typeof step === 'number') return `${done}[${step}]`;
    if (/^[\w-]+$/.test(step)) return done === '' ? step : `${done}.${step}`;
    return `${done}['${step}']`;
  }, '');
}
