import { expect } from 'vitest';
import { analyseNetwork } from '../index.ts';
import { everyAnswer } from './every-answer.ts';
import { WORKLOAD_NAMES, type WorkloadHistory } from './workload-histories.ts';

/** More reasons than these may be those of some pairs of pods only: which, is decided by the order of the pods. */
const ALL_REASONS = 6;

/** Expects an analysis that follows a history to answer at each time as a new one does. */
export function compareHistory({ profile, snapshots }: WorkloadHistory): void {
  const [first, ...later] = snapshots;
  if (!first) return;
  let analysis = analyseNetwork(first, { profile });
  for (const snapshot of later) {
    analysis = analysis.update(snapshot);
    const { reasons, ...updated } = everyAnswer(analysis, WORKLOAD_NAMES);
    const { reasons: expected, ...made } = everyAnswer(analyseNetwork(snapshot, { profile }), WORKLOAD_NAMES);
    expect(updated).toEqual(made);
    reasons.forEach((found, pair) => {
      const wanted = expected[pair] ?? [];
      if (Math.max(found.length, wanted.length) <= ALL_REASONS) expect(found).toEqual(wanted);
    });
  }
}
