import { describe, expect, test } from 'vitest';
import type { Finding } from '../types.ts';
import { toJunit } from './junit.ts';
import { toSarif } from './sarif.ts';
import { toCsv, toMarkdown } from './tables.ts';

const FINDING: Finding = {
  id: 'abc',
  check: 'host-pid',
  origin: 'posture',
  verdict: 'fail',
  severity: 'high',
  object: { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'web' },
  file: './my pods/web.yaml',
  line: 7,
  path: 'spec.hostPID',
  message: 'sees <all> "processes" | & more',
  because: [],
};
const UNKNOWN: Finding = { ...FINDING, id: 'def', verdict: 'unknown' };
const ACCEPTED: Finding = { ...FINDING, id: 'ghi', accepted: { reason: 'old', until: '2027-01-31' } };
const RULE = { id: 'host-pid', title: 'Host PID', severity: 'high', tags: ['T1611'] } as const;

describe('SARIF', () => {
  const sarif = toSarif([FINDING, UNKNOWN, ACCEPTED], [RULE], '1.0.0') as { runs: [{ results: unknown[] }] };

  test('a finding has its rule, line, fingerprint and object', () => {
    expect(sarif.runs[0].results[0]).toMatchObject({
      ruleId: 'host-pid',
      level: 'error',
      partialFingerprints: { 'seaworthy/v1': 'abc' },
      locations: [
        {
          physicalLocation: { artifactLocation: { uri: 'my%20pods/web.yaml' }, region: { startLine: 7 } },
          logicalLocations: [{ fullyQualifiedName: 'Pod shop/web spec.hostPID' }],
        },
      ],
    });
  });

  test('what is unknown is open, and what is accepted is there with its reason', () => {
    expect(sarif.runs[0].results[1]).toMatchObject({ kind: 'open', level: 'none' });
    expect(sarif.runs[0].results[2]).toMatchObject({ suppressions: [{ justification: 'old (until 2027-01-31)' }] });
  });

  test('says so when it had to cut', () => {
    const many = toSarif(
      Array.from({ length: 25_003 }, () => FINDING),
      [RULE],
      '1.0.0',
    );
    expect(JSON.stringify(many)).toContain('3 less severe results were left out');
  });
});

test('JUnit counts failures, errors and skipped apart, and lists checks that found nothing', () => {
  const xml = toJunit([FINDING, UNKNOWN, ACCEPTED], ['host-pid', 'host-ipc']);
  expect(xml).toContain('<testsuite name="host-pid" tests="3" failures="1" errors="1" skipped="1">');
  expect(xml).toContain('<testsuite name="host-ipc" tests="1" failures="0" errors="0" skipped="0">');
  expect(xml).toContain('message="sees &lt;all&gt; &quot;processes&quot; | &amp; more"');
});

test('CSV quotes what it must, and disarms formulas', () => {
  const csv = toCsv([{ ...FINDING, message: '=1+1' }, FINDING]);
  expect(csv).toContain(",'=1+1,");
  expect(csv).toContain('"sees <all> ""processes"" | & more"');
});

test('Markdown escapes what would break the table', () => {
  expect(toMarkdown([FINDING], '1 finding')).toContain('sees &lt;all> "processes" \\| & more');
});
