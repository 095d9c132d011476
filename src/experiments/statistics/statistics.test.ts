import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drawBlocks, drawGroups } from './assignment.ts';
import { confidenceSequence } from './confidence-sequence.ts';
import { seededRng, shuffled } from './random.ts';
import { signFlipProcess } from './sign-flip.ts';

/** Standard normal numbers by Box and Muller. */
function normal(rng: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - rng())) * Math.cos(2 * Math.PI * rng());
}

/** One switchback of `pairs` pairs over a series that depends on its past (AR(1)) and drifts; the highest e-value seen. */
function highestEvalue(options: { phi: number; effect: number; drift: number; pairs: number; seed: number }): number {
  const rng = seededRng(options.seed);
  const TICKS = 6;
  let state = normal(rng);
  let tick = 0;
  const total = options.pairs * 2 * TICKS;
  const block = (on: boolean): number => {
    let sum = 0;
    for (let n = 0; n < TICKS; n++, tick++) {
      state = options.phi * state + Math.sqrt(1 - options.phi ** 2) * normal(rng);
      sum += state + (options.drift * tick) / total + (on ? options.effect : 0);
    }
    return sum / TICKS;
  };
  let process = signFlipProcess();
  let highest = 1;
  for (let pair = 0; pair < options.pairs; pair++) {
    const onFirst = rng() < 0.5;
    const first = block(onFirst);
    const second = block(!onFirst);
    process = process.add(onFirst ? first - second : second - first);
    highest = Math.max(highest, process.eValue);
  }
  return highest;
}

const rejections = (runs: number, options: { phi: number; effect: number; drift: number }): number =>
  Array.from({ length: runs }, (_, seed) => highestEvalue({ ...options, pairs: 20, seed: seed + 1 })).filter(
    (e) => e >= 20,
  ).length / runs;

describe('sign-flip e-process, alpha 5 %, looked at after every one of 20 pairs', () => {
  test.each([
    ['independent', 0, 0],
    ['AR 0.6', 0.6, 0],
    ['AR 0.9', 0.9, 0],
    ['AR 0.9 with a drift of three standard deviations', 0.9, 3],
  ])('a fault that does nothing is blamed at most as often as promised: %s', (_, phi, drift) => {
    expect(rejections(2_000, { phi, drift, effect: 0 })).toBeLessThanOrEqual(0.05);
  });

  test('an effect of one standard deviation is found nearly always', () => {
    expect(rejections(300, { phi: 0.3, drift: 0, effect: 1 })).toBeGreaterThan(0.9);
  });

  test('a fault that helps is never taken for one that harms', () => {
    expect(rejections(300, { phi: 0.3, drift: 0, effect: -1 })).toBeLessThan(0.01);
  });

  test('averaged over all sign patterns of given sizes the e-value is exactly one (the slow, obvious twin)', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.01, max: 50, noNaN: true }), { minLength: 1, maxLength: 7 }), (sizes) => {
        let sum = 0;
        for (let signs = 0; signs < 2 ** sizes.length; signs++) {
          sum += sizes.reduce((p, size, i) => p.add((signs >> i) & 1 ? size : -size), signFlipProcess()).eValue;
        }
        expect(sum / 2 ** sizes.length).toBeCloseTo(1, 9);
      }),
      { numRuns: 100 },
    );
  });

  test('differences of zero and units of measurement change nothing', () => {
    const e = (scale: number): number => [3, 0, 1, -2, 4].reduce((p, d) => p.add(d * scale), signFlipProcess()).eValue;
    expect(e(1000)).toBeCloseTo(e(1), 9);
    expect(signFlipProcess().add(0).add(0).eValue).toBe(1);
  });
});

describe('confidence sequence', () => {
  test('covers the true mean at every look', () => {
    let missed = 0;
    for (let seed = 0; seed < 400; seed++) {
      const rng = seededRng(seed);
      const values: number[] = [];
      let out = false;
      for (let n = 0; n < 100; n++) {
        values.push(2 + normal(rng));
        const { lower, upper } = confidenceSequence(values, 0.05);
        out ||= lower > 2 || upper < 2;
      }
      if (out) missed++;
    }
    expect(missed / 400).toBeLessThanOrEqual(0.05);
  });

  test('agrees with the formula worked by hand for 1 to 20', () => {
    // mean 10.5, variance 33.25; with alpha 5 % and tightest at 20: rho² = (5.99146 + ln 6.99146) / 20 = 0.396811
    const { estimate, upper } = confidenceSequence(
      Array.from({ length: 20 }, (_, i) => i + 1),
      0.05,
      20,
    );
    expect(estimate).toBe(10.5);
    expect(upper - estimate).toBeCloseTo(
      Math.sqrt(33.25) * Math.sqrt(((2 * 8.93622) / (400 * 0.396811)) * Math.log(2.989351 / 0.05)),
      3,
    );
  });

  test('says nothing before it may be trusted', () => {
    expect(confidenceSequence([7], 0.05)).toEqual({ estimate: 7, lower: -Infinity, upper: Infinity, count: 1 });
  });
});

describe('assignment', () => {
  test('every pair of blocks has the fault once, in both orders over time', () => {
    const blocks = drawBlocks(11, seededRng(5));
    expect(blocks).toHaveLength(12);
    const firsts = new Set<string>();
    for (let pair = 0; pair < 6; pair++) {
      expect(new Set([blocks[2 * pair], blocks[2 * pair + 1]])).toEqual(new Set(['off', 'on']));
      firsts.add(blocks[2 * pair]!);
    }
    expect(firsts).toEqual(new Set(['on', 'off']));
  });

  test('groups share nothing, hold everybody, and control is never the smaller', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer()), fc.integer(), (replicas, seed) => {
        const { experimental, control } = drawGroups(replicas, seededRng(seed));
        expect(new Set([...experimental, ...control])).toEqual(new Set(replicas));
        expect(experimental.length + control.length).toBe(replicas.length);
        expect(control.length - experimental.length).toBeGreaterThanOrEqual(0);
        expect(control.length - experimental.length).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('shuffling is fair: each of three orders comes first a third of the time', () => {
    const rng = seededRng(1);
    const first = Array.from({ length: 3_000 }, () => shuffled([0, 1, 2], rng)[0]!);
    for (const item of [0, 1, 2]) expect(first.filter((f) => f === item).length).toBeGreaterThan(900);
  });
});
