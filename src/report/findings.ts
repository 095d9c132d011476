import type { AccessFinding } from '../analysis/access/types.ts';
import type { LintResult } from '../analysis/network/lint/index.ts';
import type { PolicyProblem } from '../analysis/network/types.ts';
import type { Suppression } from '../analysis/posture/suppressions.ts';
import type { CheckResult } from '../analysis/posture/types.ts';
import type { Disagreement } from '../claims/types.ts';
import { compareSeverity, type Severity } from '../model/because.ts';
import { kindKey, refId, type ObjectRef } from '../model/object.ts';
import { compare } from '../model/order.ts';
import type { InputFinding, Snapshot } from '../model/snapshot.ts';
import { identified } from './results.ts';
import type { Finding } from './types.ts';

type Unidentified = Omit<Finding, 'id'>;

/** Everything that findings are made of. */
export interface FindingSources {
  readonly snapshot: Snapshot;
  readonly checks?: readonly CheckResult[];
  readonly suppressions?: readonly Suppression[];
  readonly policyProblems?: readonly PolicyProblem[];
  readonly lints?: readonly LintResult[];
  readonly accessFindings?: readonly AccessFinding[];
  readonly disagreements?: readonly Disagreement[];
}

/** Everything found besides the claims, worst first, each with an id that is stable from run to run. */
export function collectFindings(sources: FindingSources): readonly Finding[] {
  const { snapshot, checks = [], suppressions = [], disagreements = [] } = sources;
  const { policyProblems = [], lints = [], accessFindings = [] } = sources;
  const found = [
    ...disagreements.map(fromDisagreement),
    ...checks.filter(({ verdict }) => verdict === 'fail' || verdict === 'unknown').map(fromCheck),
    ...policyProblems.map((problem) => placed(snapshot, fromPolicy(problem), problem)),
    ...lints.map(fromLint),
    ...accessFindings.map((finding) => placed(snapshot, fromAccess(finding), finding)),
    ...snapshot.findings.map(fromInput),
    ...suppressions.filter(({ status }) => status !== 'inForce').map(fromSuppression),
  ];
  return identified(found.sort(worstFirst));
}

/** Order of everything with a severity: worst first, failures before what could not be judged, then by name. */
function worstFirst(a: Unidentified, b: Unidentified): number {
  return (
    Number(a.accepted !== undefined) - Number(b.accepted !== undefined) ||
    Number(a.verdict === 'unknown') - Number(b.verdict === 'unknown') ||
    compareSeverity(a.severity, b.severity) ||
    compare(a.check, b.check) ||
    compare(a.object ? refId(a.object) : (a.file ?? ''), b.object ? refId(b.object) : (b.file ?? '')) ||
    compare(a.container ?? '', b.container ?? '') ||
    compare(a.path ?? '', b.path ?? '')
  );
}

function fromCheck(result: CheckResult): Unidentified {
  const { check, verdict, severity, object, container, file, line, path, message, because, accepted } = result;
  return {
    check,
    origin: 'posture',
    verdict: verdict === 'fail' ? 'fail' : 'unknown',
    severity,
    object,
    ...(container === undefined ? {} : { container }),
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
    ...(path === undefined ? {} : { path }),
    message,
    because,
    ...(accepted === undefined ? {} : { accepted }),
  };
}

function fromPolicy({ code, object, path, message, hint }: PolicyProblem): Unidentified {
  return {
    check: code,
    origin: 'network',
    verdict: 'fail',
    severity: 'high',
    object,
    path,
    message,
    hint,
    because: [{ kind: 'field', object, path, says: message }],
  };
}

function fromLint({ lint, severity, object, path, message, fix, at }: LintResult): Unidentified {
  return {
    check: lint,
    origin: 'network',
    verdict: 'fail',
    severity,
    object,
    path,
    ...(at === undefined ? {} : { file: at.file }),
    ...(at?.line === undefined ? {} : { line: at.line }),
    message,
    hint: fix.says,
    because: [{ kind: 'field', object, path, says: message }],
  };
}

function fromAccess({ code, object, path, message, hint }: AccessFinding): Unidentified {
  return {
    check: code,
    origin: 'access',
    verdict: 'fail',
    severity: 'low',
    object,
    path,
    message,
    hint,
    because: [{ kind: 'field', object, path, says: message }],
  };
}

function fromInput({ code, message, hint, at }: InputFinding): Unidentified {
  const severity: Severity = code === 'SW_DUPLICATE_OBJECT' ? 'low' : 'medium';
  return {
    check: code,
    origin: 'input',
    verdict: 'fail',
    severity,
    ...(at === undefined ? {} : { file: at.file }),
    ...(at?.line === undefined ? {} : { line: at.line }),
    ...(at?.column === undefined ? {} : { column: at.column }),
    message,
    ...(hint === undefined ? {} : { hint }),
    because: [],
  };
}

function fromDisagreement({ claim, statement, severity, stronger, weaker }: Disagreement): Unidentified {
  const notEnforced = weaker.verdict === 'holds';
  return {
    check: 'evidence-disagreement',
    origin: 'disagreement',
    verdict: 'fail',
    severity: notEnforced ? severity : 'low',
    message: notEnforced
      ? `${statement} By ${weaker.source} it holds, but ${stronger.source} saw it violated: ${stronger.level === 'proven' ? 'it holds in calm only' : 'what the configuration promises is not what happens'}.`
      : `${statement} By ${weaker.source} it is violated, but ${stronger.source} saw it hold: something that was not read protects it.`,
    because: [...stronger.because.slice(0, 3), ...weaker.because.slice(0, 3)],
    path: claim,
  };
}

function fromSuppression({ check, object, status, path, says }: Suppression): Unidentified {
  return {
    check: `suppression-${status}`,
    origin: 'suppression',
    verdict: 'fail',
    severity: 'low',
    object,
    path,
    message: `suppression of ${check} is ${status}: ${says}`,
    because: [{ kind: 'field', object, path, says }],
  };
}

/** Adds the file and line of a field, for what an analysis reports by object and path alone. */
function placed(
  snapshot: Snapshot,
  finding: Unidentified,
  { object, path }: { readonly object: ObjectRef; readonly path: string },
): Unidentified {
  const resource = snapshot.get(kindKey(object.apiVersion, object.kind), object.namespace, object.name);
  if (!resource) return finding;
  const position = snapshot.locate(resource, splitPath(path)) ?? resource.origin;
  return position
    ? { ...finding, file: position.file, ...(position.line === undefined ? {} : { line: position.line }) }
    : finding;
}

function splitPath(path: string): readonly (string | number)[] {
  return [...path.matchAll(/\[(\d+)\]|\['([^']+)'\]|([^.[\]]+)/g)].map(([, index, quoted, name]) =>
    index === undefined ? (quoted ?? name ?? '') : Number(index),
  );
}
