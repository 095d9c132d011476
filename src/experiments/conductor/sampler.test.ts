import { expect, test } from 'vitest';
import type { Claim } from '../../claims/claim.ts';
import type { Clock } from '../ports.ts';
import type { ClaimProbe } from '../probes/claims/claim-probe.ts';
import { createSampler } from './sampler.ts';

/** A clock on which time passes when nothing else is left to do. */
function clockOfTurns(): Clock & { readonly until: (second: number) => Promise<void> } {
  let now = 0;
  const sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  const sleep = (milliseconds: number): Promise<void> =>
    new Promise((wake) => void sleepers.push({ at: now + milliseconds, wake }));
  const settle = (): Promise<void> => new Promise((done) => setImmediate(done));
  return {
    now: () => new Date(now),
    sleep,
    async until(second) {
      for (;;) {
        await settle();
        const next = sleepers.sort((a, b) => a.at - b.at)[0];
        if (!next || next.at > second * 1_000) return;
        sleepers.shift();
        now = next.at;
        next.wake();
      }
    },
  };
}

/** Seconds at which the looks began, in the order of the series, with their verdicts. An outage from second 2 to second 6 makes an answer 4 s late. */
async function looksOf(tolerance: ClaimProbe['tolerance']): Promise<readonly string[]> {
  const clock = clockOfTurns();
  const probe: ClaimProbe = {
    claim: { name: 'c', namespace: 'shop' } as Claim,
    uses: [],
    tellsArmsApart: false,
    plan: [],
    ...(tolerance ? { tolerance } : {}),
    async sample() {
      const begun = clock.now();
      const out = begun.getTime() >= 2_000 && begun.getTime() < 6_000;
      await clock.sleep(out ? 4_000 : 10);
      const verdict = out ? 'violated' : 'holds';
      return { verdict, at: begun.toISOString(), because: [], tally: { holds: 0, violated: 0, unknown: 0 } };
    },
  };
  const sampler = createSampler({
    probes: [probe],
    everyMs: 1_000,
    clock,
    now: () => ({ phase: 'during' }),
    arms: () => undefined,
  });
  const ending = new AbortController();
  const ran = sampler.run(ending.signal);
  await clock.until(9.5);
  ending.abort();
  await clock.until(20);
  await ran;
  return sampler
    .points('shop/c')
    .map(({ at, verdict }) => `${Date.parse(at) / 1_000}${verdict === 'holds' ? '+' : '-'}`);
}

test('a rate is asked at a fixed rate: an outage of four seconds is four misses', async () => {
  expect(await looksOf({ successRatio: 0.9, windowMs: 10_000 })).toEqual([
    '0+',
    '1+',
    '2-',
    '3-',
    '4-',
    '5-',
    '6+',
    '7+',
    '8+',
    '9+',
  ]);
});

test('any other claim is asked again when it has answered', async () => {
  expect(await looksOf(undefined)).toEqual(['0+', '1+', '2-', '6+', '7+', '8+', '9+']);
});
