import type { Because, EvidenceLevel, Verdict } from '../model/because.ts';
import { EVIDENCE_LEVELS } from '../model/because.ts';
import { formatDuration } from '../model/duration.ts';
import { claimId, type Claim } from './claim.ts';
import type { Facts } from './facts.ts';
import { kindOf } from './kinds/index.ts';
import type { Disagreement, Evidence, JudgedClaim } from './types.ts';

/** What the judge knows beside the configuration. */
export interface JudgeOptions {
  /** RFC 3339 time against which the age of evidence counts; without it nothing is stale. */
  readonly now?: string;
  /** Evidence from probes, experiments and earlier runs, by claim id. */
  readonly evidence?: ReadonlyMap<string, readonly Evidence[]>;
}

/** Judges claims on what the configuration says and on all other evidence there is. In the order given. */
export function judge(claims: readonly Claim[], facts: Facts, options: JudgeOptions = {}): readonly JudgedClaim[] {
  return claims.map((claim) => {
    const given = options.evidence?.get(claimId(claim)) ?? [];
    return weigh(claim, [analysed(claim, facts), ...given], options.now);
  });
}

/** What the configuration says of one claim, as evidence. */
export function analysed(claim: Claim, facts: Facts): Evidence {
  const kind = kindOf(claim);
  const { verdict, because, observed } = kind.judge(claim, facts);
  const { takenAt, source } = facts.snapshot;
  const live = observed === true && takenAt !== undefined && (source.kind === 'cluster' || source.kind === 'lab');
  return {
    level: live ? 'observed' : 'analysed',
    verdict,
    ...(takenAt === undefined ? {} : { observedAt: takenAt }),
    because,
    source: `analysis ${kind.id}`,
  };
}

/** The sentence of a claim: its owner's, or one made from what it says. */
export function statementOf(claim: Claim): string {
  return claim.statement ?? kindOf(claim).statement(claim);
}

/**
 * One verdict from all evidence. The strongest fresh evidence that says anything decides; at one level, for each source
 * its newest word counts and one violation outweighs any number of passes. Stale evidence decides nothing, but a
 * stale violation that no fresh evidence of its level or above has answered leaves `unknown` where weaker evidence
 * would say `holds`: time alone doesn't mend anything. Nor can a derived claim hold that leaves out what could not be read.
 */
export function weigh(claim: Claim, evidence: readonly Evidence[], now: string | undefined): JudgedClaim {
  const marked = evidence
    .map((piece) => (isStale(claim, piece, now) ? { ...piece, stale: true as const } : piece))
    .sort(strongestFirst);
  const fresh = newestOfEachSource(marked.filter(({ stale }) => stale !== true));
  const deciding = decide(fresh);
  const doubt = deciding.verdict === 'holds' ? staleViolationAbove(marked, deciding.level) : undefined;
  const leftOut = deciding.verdict === 'holds' ? (claim.leavesOut ?? []) : [];
  const verdict: Verdict = doubt || leftOut.length > 0 ? 'unknown' : deciding.verdict;
  const because = [...(doubt ? [expired(doubt, claim), ...doubt.because] : []), ...leftOut];
  const base = {
    claim: claimId(claim),
    kind: claim.kind,
    statement: statementOf(claim),
    severity: claim.severity,
    ...(claim.owner === undefined ? {} : { owner: claim.owner }),
    derived: claim.derivedFrom.length > 0,
    verdict,
    level: deciding.level,
    ...(deciding.observedAt === undefined ? {} : { observedAt: deciding.observedAt }),
    because: verdict === deciding.verdict ? deciding.because : because,
    evidence: marked,
  };
  return {
    ...base,
    ...(claim.derivedFrom.length > 0 ? { derivedFrom: claim.derivedFrom } : {}),
    ...(claim.rationale === undefined ? {} : { rationale: claim.rationale }),
  };
}

/** Pairs of levels whose fresh evidence says opposite things of one claim. */
export function disagreements(judged: readonly JudgedClaim[]): readonly Disagreement[] {
  return judged.flatMap(({ claim, statement, severity, evidence }) => {
    const fresh = newestOfEachSource(evidence.filter(({ stale }) => stale !== true));
    const words = EVIDENCE_LEVELS.map((level) => summary(fresh, level))
      .filter((piece) => piece !== undefined)
      .reverse();
    const [stronger] = words;
    const weaker = words.find((piece) => piece.verdict !== stronger?.verdict);
    return stronger && weaker ? [{ claim, statement, severity, stronger, weaker }] : [];
  });
}

function decide(fresh: readonly Evidence[]): Pick<Evidence, 'verdict' | 'level' | 'because' | 'observedAt'> {
  for (const level of [...EVIDENCE_LEVELS].reverse()) {
    const found = summary(fresh, level);
    if (found) return found;
  }
  const [strongest] = fresh;
  if (strongest) return strongest;
  const says = 'there is no fresh evidence';
  return { verdict: 'unknown', level: 'declared', because: [{ kind: 'absence', of: 'evidence', says }] };
}

/** What a level says as a whole; undefined when it is silent or only unsure. */
function summary(fresh: readonly Evidence[], level: EvidenceLevel): Evidence | undefined {
  const here = fresh.filter((piece) => piece.level === level);
  return here.find(({ verdict }) => verdict === 'violated') ?? here.find(({ verdict }) => verdict === 'holds');
}

function newestOfEachSource(evidence: readonly Evidence[]): readonly Evidence[] {
  const newest = new Map<string, Evidence>();
  for (const piece of evidence) {
    const key = `${piece.level} ${piece.source}`;
    const known = newest.get(key);
    if (!known || (piece.observedAt ?? '') > (known.observedAt ?? '')) newest.set(key, piece);
  }
  return [...newest.values()];
}

function staleViolationAbove(marked: readonly Evidence[], level: EvidenceLevel): Evidence | undefined {
  const above = marked.filter((piece) => EVIDENCE_LEVELS.indexOf(piece.level) > EVIDENCE_LEVELS.indexOf(level));
  return newestOfEachSource(above).find(({ stale, verdict }) => stale === true && verdict === 'violated');
}

function expired({ level, observedAt, source }: Evidence, claim: Claim): Because {
  const term =
    claim.validForMs === undefined
      ? ''
      : `, longer ago than the ${formatDuration(claim.validForMs)} for which evidence counts`;
  return {
    kind: 'observation',
    observedAt: observedAt ?? '',
    says: `${source} saw it violated${observedAt === undefined ? '' : ` at ${observedAt}`}${term}; nothing at level ${level} has looked since`,
  };
}

function isStale(claim: Claim, { observedAt }: Evidence, now: string | undefined): boolean {
  if (claim.validForMs === undefined || observedAt === undefined || now === undefined) return false;
  return Date.parse(now) - Date.parse(observedAt) > claim.validForMs;
}

function strongestFirst(a: Evidence, b: Evidence): number {
  const [x, y] = [a.observedAt ?? '', b.observedAt ?? ''];
  return EVIDENCE_LEVELS.indexOf(b.level) - EVIDENCE_LEVELS.indexOf(a.level) || (x < y ? 1 : x > y ? -1 : 0);
}
