import type { Because, Verdict } from '../model/because.ts';

/** What one engine says of a claim. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly because: readonly Because[];
}

/** The claim is true, because of this. */
export const holds = (...because: readonly Because[]): Judgement => ({ verdict: 'holds', because });
/** The claim is false, because of this. */
export const violated = (...because: readonly Because[]): Judgement => ({ verdict: 'violated', because });
/** Neither can be justified, because of this. */
export const unknown = (...because: readonly Because[]): Judgement => ({ verdict: 'unknown', because });

/**
 * A promise about nobody has not been kept: what a claim that selects nothing comes to. Where something was not read, that comes
 * first: it may be what was meant.
 */
export function vacuous(what: string, open: readonly Because[] = []): Judgement {
  return unknown(...open, {
    kind: 'absence',
    of: what,
    says: `nothing ${open.length > 0 ? 'that was read' : 'here'} is ${what}, so there is nothing the claim could be true of`,
  });
}

/** How many reasons of one verdict are spelled out. */
export const MAX_REASONS = 12;

/**
 * A claim that says several things is violated when one is, else unknown when one is, else it holds. Only the reasons
 * of the parts that decide are kept, each once, and at most `MAX_REASONS` of them with a count of the rest.
 */
export function every(parts: readonly Judgement[]): Judgement {
  const verdict =
    (['violated', 'unknown'] as const).find((bad) => parts.some((part) => part.verdict === bad)) ?? 'holds';
  const because = parts.filter((part) => part.verdict === verdict).flatMap((part) => part.because);
  // What decides comes first: for an unknown that is the open parameter, else an assumption comes last.
  const rank = (reason: Because): number => ((reason.kind === 'parameter') === (verdict === 'unknown') ? 0 : 1);
  const ordered = [...because].sort((a, b) => rank(a) - rank(b));
  return { verdict: parts.length === 0 ? 'unknown' : verdict, because: shortened(ordered) };
}

/** Each reason once, and a count for those that are left out. */
export function shortened(because: readonly Because[], limit: number = MAX_REASONS): readonly Because[] {
  const distinct = [...new Map(because.map((reason) => [reasonKey(reason), reason])).values()];
  if (distinct.length <= limit + 1) return distinct;
  const left = distinct.length - limit;
  return [
    ...distinct.slice(0, limit),
    { kind: 'rule', source: 'summary', says: `and ${left} more reasons of the same kind` },
  ];
}

function reasonKey(reason: Because): string {
  return reason.kind === 'field'
    ? `${reason.object.kind}/${reason.object.namespace ?? ''}/${reason.object.name} ${reason.path} ${reason.says}`
    : `${reason.kind} ${reason.says}`;
}
