import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Verdict } from '../../model/because.ts';
import type { Design } from '../schema.ts';
import { judgeRun, type ClaimEvidenceOfRun } from './judge-run.ts';
import type { PhaseName, Point } from './run-record.ts';

const SINGLE: Design = { kind: 'single', before: '5s', during: '20s', after: '15s' };
const LETTERS: Readonly<Record<string, Verdict>> = { '+': 'holds', '-': 'violated', '?': 'unknown' };

/** A series as text: `+` holds, `-` violated, `?` unknown, one look a second; phases are separated by blanks. */
function series(text: string, phases: readonly PhaseName[] = ['before', 'during', 'after']): readonly Point[] {
  let second = 0;
  return text.split(' ').flatMap((looks, index) => {
    const phase = phases[index] ?? 'after';
    return looks.split('').map((letter): Point => {
      const verdict = LETTERS[letter] ?? 'unknown';
      return {
        at: new Date(Date.UTC(2026, 0, 1) + 1_000 * second++).toISOString(),
        verdict,
        phase,
        ...(phase === 'on' || phase === 'off' ? { block: index - 1 } : {}),
        counted: phase !== 'washout',
        ...(verdict === 'holds' ? {} : { says: `look ${second}` }),
      };
    });
  });
}

function judge(text: string, more: Partial<ClaimEvidenceOfRun> = {}) {
  return judgeRun({
    series: [{ claim: 'c', group: 'all', points: series(text) }],
    design: SINGLE,
    state: 'completed',
    bit: true,
    bitSays: ['the pod is gone'],
    ...more,
  });
}

describe('one claim under fault', () => {
  test.each([
    ['++ ++++ ++', 'holds', 'proven'],
    ['++ ++-+ ++', 'violated', 'proven'],
    ['++ ++++ -+', 'violated', 'proven'],
    // fewer than three looks decided, or fewer than half
    ['++ ++ ++', 'unknown', 'proven'],
    ['++ +++????? ++', 'unknown', 'proven'],
    ['++ +++??? ++', 'holds', 'proven'],
    // it can't be seen at the end
    ['++ ++++ +?', 'unknown', 'proven'],
  ])('%s is %s', (text, verdict, level) => {
    expect(judge(text)).toMatchObject({ verdict, level });
  });

  test('a run that did not complete, or whose faults did not bite, never holds', () => {
    for (const state of ['stopped', 'aborted', 'failed'] as const)
      expect(judge('++ ++++ ++', { state, stateBecause: 'why' }).verdict).toBe('unknown');
    for (const bit of [false, 'unknown'] as const) expect(judge('++ ++++ ++', { bit }).verdict).toBe('unknown');
    expect(judge('++ +-++ ++', { bit: 'unknown' })).toMatchObject({ verdict: 'violated', level: 'observed' });
  });

  test('a steady state that was not there says which, and an unknown one is not a violated one', () => {
    expect(judge('+-', { state: 'steadyStateNotMet' })).toMatchObject({ verdict: 'violated', level: 'observed' });
    const unknown = judge('??', { state: 'steadyStateUnknown', stateBecause: 'c could not be judged: no pod runs' });
    expect(unknown).toMatchObject({ verdict: 'unknown', level: 'declared' });
    expect(unknown.because[0]?.says).toBe('nothing was broken: c could not be judged: no pod runs');
  });

  test('a tolerance forgives single misses in a window, and no more', () => {
    const tolerance = { successRatio: 0.75, windowMs: 4_000 };
    expect(judge('++ ++-+++++ ++', { tolerance }).verdict).toBe('holds');
    expect(judge('++ ++--++++ ++', { tolerance }).verdict).toBe('violated');
  });

  test('recovery counts from the first violation to the first look that holds for good', () => {
    expect(judge('++ +-++ -+').recovery).toEqual({ milliseconds: 4_000, recovered: true });
    expect(judge('++ ++++ --').recovery).toEqual({ milliseconds: 1_000, recovered: false });
  });

  test('the weaker design is labelled', () => {
    expect(
      judge('++ ++++ ++')
        .because.map(({ says }) => says)
        .join(),
    ).toContain('the weaker design');
  });
});

describe('designs', () => {
  const switchback: Design = {
    kind: 'switchback',
    blocks: 16,
    block: '4s',
    washout: '1s',
    before: '1s',
    after: '1s',
    alpha: 0.05,
  };
  const inBlocks = (on: string, pairs: number) => {
    const phases: PhaseName[] = [
      'before',
      ...Array.from({ length: pairs }, () => ['on', 'off'] as const).flat(),
      'after',
    ];
    const text = ['++', ...Array.from({ length: pairs }, () => [on, '+++']).flat(), '++'].join(' ');
    return [{ claim: 'c', group: 'all' as const, points: series(text, phases) }];
  };

  test('a switchback blames faults that shake the claim in every pair, and not with few pairs', () => {
    const blamed = judge('', { design: switchback, series: inBlocks('---', 8) });
    expect(blamed).toMatchObject({ verdict: 'violated', comparison: { kind: 'switchback', pairs: 8, blamed: true } });
    const few = judge('', { design: switchback, series: inBlocks('---', 3) });
    expect(few).toMatchObject({ verdict: 'violated', comparison: { blamed: false } });
    expect(few.because[1]?.says).toContain('is not shown');
    const fine = judge('', { design: switchback, series: inBlocks('+++', 8) });
    expect(fine).toMatchObject({ verdict: 'holds', comparison: { eValue: 1, blamed: false } });
  });

  test('a switchback tells how long the last episode took, not the whole run', () => {
    const judged = judge('', { design: switchback, series: inBlocks('---', 8) });
    expect(judged.recovery).toEqual({ milliseconds: 3_000, recovered: true });
  });

  test('a parallel design blames faults that shake one group only', () => {
    const parallel: Design = { kind: 'parallel', before: '1s', during: '60s', after: '1s', alpha: 0.05 };
    const groups = (experimental: string, control: string) =>
      (['all', 'experimental', 'control'] as const).map((group) => ({
        claim: 'c',
        group,
        points: series(`++ ${group === 'control' ? control : experimental} ++`),
      }));
    const looks = 60;
    expect(
      judge('', { design: parallel, series: groups('-'.repeat(looks), '+'.repeat(looks)) }).comparison,
    ).toMatchObject({ kind: 'parallel', difference: 1, blamed: true });
    expect(
      judge('', { design: parallel, series: groups('-'.repeat(looks), '-'.repeat(looks)) }).comparison,
    ).toMatchObject({ difference: 0, blamed: false });
    expect(judge('++ +++ ++', { design: parallel }).comparison).toMatchObject({ kind: 'none' });
  });
});

const RANK: Readonly<Record<Verdict, number>> = { violated: 0, unknown: 1, holds: 2 };

test('law: what could not be seen never moves a verdict towards holds', () => {
  const looks = fc.string({ unit: fc.constantFrom('+', '-', '?'), minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(looks, looks, fc.nat(), (during, after, chosen) => {
      const text = `++ ${during} ${after}`;
      const at = 3 + (chosen % (text.length - 3));
      if (text[at] !== '+') return;
      const blinded = `${text.slice(0, at)}?${text.slice(at + 1)}`;
      expect(RANK[judge(blinded).verdict]).toBeLessThanOrEqual(RANK[judge(text).verdict]);
    }),
  );
});
