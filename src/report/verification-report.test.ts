import { expect, test } from 'vitest';
import type { Evidence, JudgedClaim } from '../claims/types.ts';
import { createSnapshot } from '../model/snapshot.ts';
import { collectFindings } from './findings.ts';
import { verificationReport } from './verification-report.ts';

const AT = '2026-11-21T12:00:00Z';
const snapshot = createSnapshot({
  source: { kind: 'cluster', description: 'context prod' },
  takenAt: AT,
  resources: [],
});
const piece: Evidence = {
  level: 'observed',
  verdict: 'violated',
  observedAt: AT,
  because: [],
  source: 'probe connect',
};
const claim: JudgedClaim = {
  claim: 'shop/it',
  kind: 'reach',
  statement: 'It holds.',
  severity: 'high',
  derived: false,
  verdict: 'violated',
  level: 'observed',
  observedAt: AT,
  because: [],
  evidence: [piece],
};
const parts = {
  snapshot,
  level: 'observed' as const,
  claims: [claim],
  findings: [],
  disagreements: [
    { claim: 'shop/it', statement: 'It holds.', severity: 'high' as const, stronger: piece, weaker: piece },
  ],
};

test('a report says when everything in it was seen', () => {
  const written = JSON.stringify(verificationReport({ ...parts, generatedAt: AT }));
  expect(written.split(AT)).toHaveLength(1 + 6);
});

test('a reproducible report says no time at all', () => {
  expect(JSON.stringify(verificationReport(parts))).not.toContain('2026');
});

test.each([
  ['observed', 'what the configuration promises is not what happens.'],
  ['proven', 'it holds in calm only.'],
] as const)('a claim that holds by the configuration and is violated as %s: %s', (level, words) => {
  const weaker: Evidence = { ...piece, level: 'analysed', verdict: 'holds', source: 'NetworkPolicies' };
  const [between] = parts.disagreements;
  const disagreements = between ? [{ ...between, stronger: { ...piece, level }, weaker }] : [];
  const findings = collectFindings({ snapshot, disagreements });
  expect(findings.map(({ message }) => message)).toEqual([
    `It holds. By NetworkPolicies it holds, but probe connect saw it violated: ${words}`,
  ]);
});
