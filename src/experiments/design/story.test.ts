import { expect, test } from 'vitest';
import type { ExperimentRun, PhaseName, Point } from './run-record.ts';
import { storyOf } from './story.ts';

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1) + second * 1_000).toISOString();

/** A run whose fault lasted from second 3 to second 9, with a look a second: `+` held, `-` violated, `?` unseen. */
function runWith(looks: string, changes: Partial<ExperimentRun> = {}): ExperimentRun {
  const phaseOf = (second: number): PhaseName => (second < 3 ? 'before' : second < 9 ? 'during' : 'after');
  const points = looks.split('').map((sign, second): Point => ({
    at: at(second),
    verdict: sign === '+' ? 'holds' : sign === '-' ? 'violated' : 'unknown',
    phase: phaseOf(second),
    counted: true,
    ...(sign === '-' ? { says: 'ci/runner-1 to shop/store-1:6379/TCP: connected' } : {}),
  }));
  const run: Pick<ExperimentRun, 'state' | 'faults' | 'phases' | 'series'> = {
    state: 'completed',
    faults: [
      {
        fault: 'policy-agent-lag',
        injection: 'i',
        says: '',
        appliedAt: at(3),
        bit: { bit: true, says: '' },
        residue: [],
      },
    ],
    phases: [{ name: 'during', from: at(3), to: at(9) }],
    series: [{ claim: 'shop/c', group: 'all', points }],
  };
  return { ...run, ...changes } as ExperimentRun;
}

test.each([
  [
    '++++++++++++',
    'held in calm (all 3 looks), in all 6 looks under policy-agent-lag, which lasted 6.0 s, and in all 3 looks after it',
  ],
  [
    '++++---+++++',
    'held in calm (all 3 looks); 1.0 s into policy-agent-lag, which lasted 6.0 s: ci/runner-1 to shop/store-1:6379/TCP: connected; violated in 3 of 6 looks under it; held again before it ended',
  ],
  [
    '++++-----+-++',
    'held in calm (all 3 looks); 1.0 s into policy-agent-lag, which lasted 6.0 s: ci/runner-1 to shop/store-1:6379/TCP: connected; violated in 5 of 6 looks under it; held again 2.0 s after it ended',
  ],
  [
    '+??+????----',
    'held in calm (1 look); 5.0 s into policy-agent-lag, which lasted 6.0 s: ci/runner-1 to shop/store-1:6379/TCP: connected; violated in 1 of 2 looks under it; it was not seen to hold again',
  ],
  [
    '?????????+++',
    'never seen in calm, in none under policy-agent-lag, which lasted 6.0 s, and in all 3 looks after it',
  ],
])('%s', (looks, story) => {
  expect(storyOf(runWith(looks), 'shop/c')).toBe(story);
});

test('a run that broke nothing says why', () => {
  const run = runWith('+-+', { faults: [], phases: [], state: 'steadyStateNotMet', because: 'it did not hold' });
  expect(storyOf(run, 'shop/c')).toBe(
    'held in calm in 2 of 3 looks; nothing was broken, the run was not begun: it did not hold',
  );
});
