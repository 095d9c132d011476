import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EVIDENCE_LEVELS, type Verdict } from '../model/because.ts';
import type { Claim } from './claim.ts';
import { disagreements, weigh } from './judge.ts';
import type { Evidence } from './types.ts';

const HOUR = 3_600_000;
const NOW = '2026-11-21T12:00:00.000Z';
const claim = (validForMs: number | undefined): Claim => ({
  name: 'it',
  severity: 'high',
  derivedFrom: [],
  ...(validForMs === undefined ? {} : { validForMs }),
  kind: 'posture',
  spec: { checks: ['host-pid'], expect: 'pass' },
});

/** Evidence of two sources, of the last twelve hours or without a time. No two of one source are of one time. */
const evidence: fc.Arbitrary<readonly Evidence[]> = fc
  .uniqueArray(
    fc.record({
      level: fc.constantFrom(...EVIDENCE_LEVELS),
      verdict: fc.constantFrom<Verdict>('holds', 'violated', 'unknown'),
      source: fc.constantFrom('a', 'b'),
      hoursAgo: fc.option(fc.nat(12), { nil: undefined }),
    }),
    { maxLength: 8, selector: ({ level, source, hoursAgo }) => `${level} ${source} ${hoursAgo}` },
  )
  .map((pieces) =>
    pieces.map(({ level, verdict, source, hoursAgo }) => ({
      level,
      verdict,
      source,
      because: [],
      ...(hoursAgo === undefined ? {} : { observedAt: new Date(Date.parse(NOW) - hoursAgo * HOUR).toISOString() }),
    })),
  );

/** The rules of evidence, each on its own and in the plainest words. */
function slowVerdict(pieces: readonly Evidence[], validForMs: number | undefined): Verdict {
  const ageOf = (piece: Evidence): number =>
    piece.observedAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(NOW) - Date.parse(piece.observedAt);
  const isFresh = (piece: Evidence): boolean =>
    piece.observedAt === undefined || validForMs === undefined || ageOf(piece) <= validForMs;
  const isLastWord = (piece: Evidence, among: readonly Evidence[]): boolean =>
    !among.some((other) => other.level === piece.level && other.source === piece.source && ageOf(other) < ageOf(piece));
  const fresh = pieces.filter(isFresh);
  const stale = pieces.filter((piece) => !isFresh(piece));
  for (const level of ['proven', 'observed', 'analysed', 'declared']) {
    const words = fresh.filter((piece) => piece.level === level && isLastWord(piece, fresh));
    if (words.some(({ verdict }) => verdict === 'violated')) return 'violated';
    if (words.some(({ verdict }) => verdict === 'holds')) {
      const stronger = EVIDENCE_LEVELS.slice(EVIDENCE_LEVELS.indexOf(level as 'proven') + 1);
      const feared = stale.filter((piece) => stronger.includes(piece.level) && isLastWord(piece, stale));
      return feared.some(({ verdict }) => verdict === 'violated') ? 'unknown' : 'holds';
    }
  }
  return 'unknown';
}

const validity = fc.constantFrom(undefined, 2 * HOUR, 6 * HOUR);

describe('weighing evidence', () => {
  test('agrees with the rules written down one by one', () => {
    fc.assert(
      fc.property(evidence, validity, (pieces, validFor) => {
        expect(weigh(claim(validFor), pieces, NOW).verdict).toBe(slowVerdict(pieces, validFor));
      }),
    );
  });

  test('the order in which evidence comes in does not matter', () => {
    fc.assert(
      fc.property(evidence, validity, (pieces, validFor) => {
        const reversed = weigh(claim(validFor), [...pieces].reverse(), NOW);
        expect(reversed.verdict).toBe(weigh(claim(validFor), pieces, NOW).verdict);
      }),
    );
  });

  test('one more violation that is fresh and newest never helps a claim', () => {
    fc.assert(
      fc.property(evidence, fc.constantFrom(...EVIDENCE_LEVELS), (pieces, level) => {
        const before = weigh(claim(undefined), pieces, NOW).verdict;
        const more: Evidence = { level, verdict: 'violated', source: 'c', because: [], observedAt: NOW };
        const after = weigh(claim(undefined), [...pieces, more], NOW).verdict;
        expect(after === 'holds' && before !== 'holds').toBe(false);
      }),
    );
  });

  test('evidence that only gets older never makes a claim true', () => {
    fc.assert(
      fc.property(evidence, (pieces) => {
        const timed = pieces.filter(({ verdict, observedAt }) => verdict !== 'holds' || observedAt !== undefined);
        const before = weigh(claim(6 * HOUR), timed, NOW).verdict;
        const later = weigh(claim(6 * HOUR), timed, new Date(Date.parse(NOW) + 24 * HOUR).toISOString()).verdict;
        expect(later === 'holds' && before !== 'holds').toBe(false);
      }),
    );
  });

  test('no evidence is unknown, and says so', () => {
    expect(weigh(claim(undefined), [], NOW)).toMatchObject({ verdict: 'unknown', level: 'declared' });
  });

  test('what is stale is shown, marked, and does not count', () => {
    const old: Evidence = {
      level: 'observed',
      verdict: 'holds',
      source: 'a',
      because: [],
      observedAt: '2026-11-01T00:00:00Z',
    };
    const judged = weigh(claim(HOUR), [old], NOW);
    expect(judged).toMatchObject({ verdict: 'unknown', evidence: [{ level: 'observed', stale: true }] });
  });

  test('a derived claim that leaves something out can be violated, and cannot hold', () => {
    const partial: Claim = {
      ...claim(undefined),
      leavesOut: [{ kind: 'absence', of: 'Deployment', says: 'Deployments could not be read' }],
    };
    const piece = (verdict: Verdict): Evidence => ({ level: 'proven', verdict, source: 'a', because: [] });
    expect(weigh(partial, [piece('holds')], NOW)).toMatchObject({
      verdict: 'unknown',
      because: [{ says: 'Deployments could not be read' }],
    });
    expect(weigh(partial, [piece('violated')], NOW).verdict).toBe('violated');
  });
});

test('levels that say opposite things are a disagreement, whichever is right; unsure ones are none', () => {
  const piece = (level: Evidence['level'], verdict: Verdict): Evidence => ({
    level,
    verdict,
    source: level,
    because: [],
  });
  const of = (...pieces: readonly Evidence[]) => disagreements([weigh(claim(undefined), pieces, NOW)]);
  expect(of(piece('analysed', 'holds'), piece('observed', 'violated'))).toMatchObject([
    { stronger: { level: 'observed' }, weaker: { level: 'analysed' } },
  ]);
  expect(of(piece('analysed', 'violated'), piece('proven', 'holds'))).toHaveLength(1);
  expect(of(piece('analysed', 'holds'), piece('observed', 'unknown'), piece('proven', 'holds'))).toEqual([]);
});
