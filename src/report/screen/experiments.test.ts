import { expect, test } from 'vitest';
import { PLAIN } from '../../testing/plain-paint.ts';
import type { RenderOptions } from '../report.ts';
import type { ExperimentReport } from '../types.ts';
import { experimentsPart } from './experiments.ts';

const options: RenderOptions = {
  calledAs: 'seaworthy',
  version: '0.0.0',
  paint: PLAIN,
  width: 100,
  invocation: 'verify',
};

const look = (t: number, ok: number, counted = true) => ({ t, ok, counted });

const experiment: ExperimentReport = {
  name: 'node-loss',
  seconds: 12,
  outcome: 'completed',
  design: 'single',
  phases: [
    { name: 'before', from: 0, to: 3, fault: false },
    { name: 'during', from: 3, to: 8, fault: true },
    { name: 'after', from: 8, to: 12, fault: false },
  ],
  faults: [{ kind: 'node-power', says: 'switch node worker-1 off', from: 3, to: 8, bit: true }],
  curves: [
    {
      claim: 'shop/checkout',
      statement: 'A customer can check out.',
      points: [look(0, 1), look(1, 1), look(2.9, 0, false), look(4, 0), look(6, 0), look(7.5, 0, false), look(9, 1)],
    },
  ],
  verdicts: [{ claim: 'shop/checkout', statement: 'A customer can check out.', verdict: 'violated', says: '' }],
  residue: [],
};

test('a look that began in calm and ended under the fault speaks for neither', () => {
  const text = experimentsPart([experiment], options);
  expect(text).toContain('calm ✓✓ │ fault ✗✗ │ after ✓');
});
