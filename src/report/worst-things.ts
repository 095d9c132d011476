import type { JudgedClaim } from '../claims/types.ts';
import { formatPosition } from '../model/errors.ts';
import { compareSeverity } from '../model/because.ts';
import { aboutOf, positionOf } from './results.ts';
import { isHardening } from './rules.ts';
import type { Finding, WorstThing } from './types.ts';

/** How many of the worst things a first screen shows. */
export const WORST = 5;

/** Findings that fail and that nobody has accepted. */
export function openFindings(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ verdict, accepted }) => verdict === 'fail' && accepted === undefined);
}

/** Violated claims and failing checks together, each check once with all its objects. */
export function worstThings(claims: readonly JudgedClaim[], open: readonly Finding[]): readonly WorstThing[] {
  const violated = claims
    .filter(({ verdict }) => verdict === 'violated')
    .map((claim): WorstThing => ({
      kind: 'claim',
      id: claim.claim,
      severity: claim.severity,
      says: `not true: ${claim.statement}`,
      objects: [],
      because: claim.because[0]?.says ?? '',
    }));
  return [...violated, ...worstChecks(open)].sort(worstThingFirst);
}

/** Failing checks, each once with all its objects. */
export function worstChecks(open: readonly Failure[]): readonly WorstThing[] {
  const byCheck = [...Map.groupBy(open, ({ check }) => check)];
  return byCheck
    .flatMap(([check, failures]): readonly WorstThing[] => {
      const first = [...failures].sort((a, b) => compareSeverity(a.severity, b.severity))[0];
      if (!first) return [];
      const at = positionOf(first);
      return [
        {
          kind: 'check',
          id: check,
          severity: first.severity,
          says: first.message,
          objects: [...new Set([first, ...failures].map(aboutOf))],
          because: first.because[0]?.says ?? '',
          ...(at === undefined ? {} : { at: formatPosition(at) }),
        },
      ];
    })
    .sort(worstThingFirst);
}

/** What a failing check says, as a finding or as a result of the check itself. */
type Failure = Pick<Finding, 'check' | 'severity' | 'object' | 'container' | 'file' | 'line' | 'message' | 'because'>;

/** By severity; among equals claims first, and a hole before what is only not hardened. */
function worstThingFirst(a: WorstThing, b: WorstThing): number {
  return (
    compareSeverity(a.severity, b.severity) ||
    Number(a.kind === 'check') - Number(b.kind === 'check') ||
    Number(isHardening(a.id)) - Number(isHardening(b.id))
  );
}
