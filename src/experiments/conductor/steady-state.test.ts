import { expect, test } from 'vitest';
import type { Claim } from '../../claims/claim.ts';
import type { Verdict } from '../../model/because.ts';
import type { Point } from '../design/run-record.ts';
import type { ClaimProbe } from '../probes/claims/claim-probe.ts';
import { reasonToStop } from './safety-stop.ts';
import { notSteady, seenEnough } from './steady-state.ts';

const probe = (name: string, tolerance?: ClaimProbe['tolerance']): ClaimProbe => ({
  claim: { name, namespace: 'shop' } as Claim,
  uses: [],
  tellsArmsApart: false,
  plan: [],
  ...(tolerance ? { tolerance } : {}),
  sample: () => Promise.reject(new Error('no look is taken here')),
});
const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const looks = (...verdicts: readonly Verdict[]): readonly Point[] =>
  verdicts.map((verdict, second) => ({
    at: at(second),
    verdict,
    phase: 'before',
    counted: true,
    says: `look ${second}`,
  }));
const seen = (points: Readonly<Record<string, readonly Point[]>>) => (claim: string) => points[claim] ?? [];

test('every claim must have held before anything is broken', () => {
  const probes = [probe('a'), probe('b')];
  const fine = seen({ 'shop/a': looks('holds'), 'shop/b': looks('unknown', 'holds') });
  expect(notSteady(probes, fine)).toBeUndefined();
  const violated = seen({ 'shop/a': looks('holds'), 'shop/b': looks('holds', 'violated') });
  expect(notSteady(probes, violated)).toEqual({
    state: 'steadyStateNotMet',
    because: 'before anything was broken, shop/b did not hold: look 1',
  });
});

test('a claim that could not be judged is unknown, not violated, and says why', () => {
  const unknown = seen({ 'shop/a': looks('holds'), 'shop/b': looks('unknown', 'unknown') });
  expect(notSteady([probe('a'), probe('b')], unknown)).toEqual({
    state: 'steadyStateUnknown',
    because: 'before anything was broken, shop/b could not be judged: look 1',
  });
  expect(notSteady([probe('a')], seen({}))?.because).toContain('no look at it came to an end');
});

test('a tolerance is respected before, too', () => {
  const probes = [probe('a', { successRatio: 0.5, windowMs: 1_000 })];
  expect(notSteady(probes, seen({ 'shop/a': looks('holds', 'violated') }))).toBeUndefined();
});

test('slow looks are waited for, and what can not be seen is not waited for for ever', () => {
  expect(seenEnough([probe('a')], seen({}))).toBe(false);
  expect(seenEnough([probe('a')], seen({ 'shop/a': looks('holds') }))).toBe(true);
  expect(seenEnough([probe('a')], seen({ 'shop/a': looks('unknown', 'unknown') }))).toBe(false);
  expect(seenEnough([probe('a')], seen({ 'shop/a': looks('unknown', 'unknown', 'unknown') }))).toBe(true);
});

test('the safety stop counts from the last good look; what can not be seen counts as violated', () => {
  const stop = (points: readonly Point[], violatedFor = '2s', claim = 'a') => {
    const last = points.at(-1);
    if (!last) throw new Error('a look is needed');
    const rules = [{ claim, violatedFor }];
    const watched = { rules, claims: ['shop/a'], everyMs: 1_000, since: at(0), pointsOf: () => points };
    return reasonToStop(watched, 'shop/a', last);
  };
  expect(stop(looks('holds', 'violated'))).toBeUndefined();
  expect(stop(looks('holds', 'violated', 'violated'))).toBe('shop/a did not hold for 2.0 s: look 2');
  expect(stop(looks('holds', 'unknown', 'unknown'))).toBe('shop/a could not be seen for 2.0 s: look 2');
  expect(stop(looks('violated', 'violated', 'holds'))).toBeUndefined();
  expect(stop(looks('holds', 'violated'), '0s')).toContain('did not hold for 1.0 s');
  // Another claim has no rule; but seeing nothing of any claim for long ends the run all the same.
  expect(stop(looks('holds', 'violated', 'violated'), '2s', 'b')).toBeUndefined();
  const blind = [...looks('holds'), { ...looks('unknown')[0], at: at(30) } as Point];
  expect(stop(blind, '1h', 'b')).toBe('nothing can be seen of any claim any more');
});
