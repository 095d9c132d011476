import { createHash } from 'node:crypto';
import type { CheckResult } from '../analysis/posture/types.ts';
import type { JudgedClaim } from '../claims/types.ts';
import type { Verdict } from '../model/because.ts';
import { formatPosition, type Position } from '../model/errors.ts';
import { formatRef, refId } from '../model/object.ts';
import type { Result, ResultVerdict } from './report.ts';
import type { Finding } from './types.ts';
import { plural } from './wording.ts';

const VERDICT_OF_CLAIM: Readonly<Record<Verdict, ResultVerdict>> = {
  violated: 'fail',
  unknown: 'unknown',
  holds: 'pass',
};

/** A judged claim as a result; it stands where the first field that decides it stands. */
export function resultOfClaim(judged: JudgedClaim): Result {
  const { claim, kind, statement, severity, verdict, level, because } = judged;
  const field = because.find((reason) => reason.kind === 'field' && reason.at !== undefined);
  const at = field?.kind === 'field' ? field.at : undefined;
  const slash = claim.indexOf('/');
  return {
    id: `claim/${claim}`,
    rule: `claim/${kind}`,
    group: 'claims',
    verdict: VERDICT_OF_CLAIM[verdict],
    word: verdict,
    severity,
    level,
    about: claim,
    ...(slash < 0 ? {} : { namespace: claim.slice(0, slash) }),
    ...(at === undefined ? {} : { at }),
    message: statement,
    because,
  };
}

/** A finding of `verify` as a result. */
export function resultOfFinding(finding: Finding): Result {
  return { ...common(finding), id: finding.id, ...(finding.new === undefined ? {} : { new: finding.new }) };
}

/** Results of `check`, each with the id the same thing has as a finding of `verify`. */
export function resultsOfChecks(results: readonly CheckResult[]): readonly Result[] {
  return identified(results).map(({ id, ...result }) => ({ ...common(result), id }));
}

/**
 * The same results with a document that could not be read as one: what every check says of it, that it can't be judged, is
 * part of the result that says why.
 */
export function foldUnread(results: readonly Result[]): readonly Result[] {
  const unread = Map.groupBy(results, unreadDocument);
  const told = new Set(results.filter(isOfInput).map(({ at }) => at && formatPosition(at)));
  return results.flatMap((result) => {
    const document = unreadDocument(result);
    if (document !== undefined) return told.has(document) ? [] : [result];
    const because = result.at && isOfInput(result) ? unread.get(formatPosition(result.at)) : undefined;
    if (!because) return [result];
    const unjudged = [...new Set(because.map(({ rule }) => rule))];
    return [{ ...result, unjudged, message: `${result.message}; ${plural(unjudged.length, 'check')} can't judge it` }];
  });
}

/** The place of the document that a result could not be judged without; undefined for every other result. */
function unreadDocument({ verdict, because: [first] }: Result): string | undefined {
  if (verdict !== 'unknown' || first?.kind !== 'gap') return undefined;
  const { reason, at } = first.gap;
  return reason === 'invalid' && at ? formatPosition(at) : undefined;
}

function isOfInput({ rule, object }: Result): boolean {
  return rule.startsWith('SW_') && object === undefined;
}

/** Adds an id that is made of what a thing is about and nothing else: not its wording, not its line. */
export function identified<T extends About>(things: readonly T[]): readonly (T & { readonly id: string })[] {
  const seen = new Map<string, number>();
  return things.map((thing) => {
    const id = fingerprint(thing);
    const times = (seen.get(id) ?? 0) + 1;
    seen.set(id, times);
    return { ...thing, id: times === 1 ? id : `${id}-${times}` };
  });
}

type About = Pick<CheckResult, 'check' | 'container' | 'path' | 'message' | 'file'> & {
  readonly object?: CheckResult['object'];
};

function fingerprint({ check, object, container, path, file, message }: About): string {
  const about = object ? refId(object) : `${file ?? ''} ${message}`;
  return createHash('sha256')
    .update([check, about, container ?? '', path ?? ''].join('\n'))
    .digest('hex')
    .slice(0, 16);
}

function common(found: Omit<CheckResult, 'object'> & Pick<Finding, 'object' | 'column'>): Omit<Result, 'id'> {
  const { check, verdict, severity, object, container, path, message, because, accepted } = found;
  const at = positionOf(found);
  return {
    rule: check,
    group: 'findings',
    verdict,
    word: accepted ? 'accepted' : verdict,
    severity,
    level: 'analysed',
    about: aboutOf(found),
    ...(object === undefined ? {} : { object }),
    ...(object?.namespace === undefined ? {} : { namespace: object.namespace }),
    ...(container === undefined ? {} : { container }),
    ...(at === undefined ? {} : { at }),
    ...(path === undefined ? {} : { path }),
    message,
    because,
    ...(accepted === undefined ? {} : { accepted }),
  };
}

/** The object of a finding in words, its place, or the whole cluster. */
export function aboutOf({
  object,
  container,
  file,
  line,
}: Pick<Finding, 'object' | 'container' | 'file' | 'line'>): string {
  if (object) return `${formatRef(object)}${container === undefined ? '' : ` [${container}]`}`;
  return file === undefined ? 'the cluster' : `${file}${line === undefined ? '' : `:${line}`}`;
}

/** File, line and column of a finding, as far as they are known. */
export function positionOf({ file, line, column }: Pick<Finding, 'file' | 'line' | 'column'>): Position | undefined {
  if (file === undefined) return undefined;
  return { file, ...(line === undefined ? {} : { line }), ...(column === undefined ? {} : { column }) };
}
