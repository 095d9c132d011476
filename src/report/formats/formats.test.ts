import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { PLAIN } from '../../testing/plain-paint.ts';
import { readSarif } from '../../testing/sarif.ts';
import type { FormatId, RenderOptions, Report, Result } from '../report.ts';
import { FORMATS, formatReport } from './index.ts';
import { GITHUB } from './sarif.ts';

const OPTIONS: RenderOptions = {
  calledAs: 'seaworthy',
  version: '1.2.3',
  paint: PLAIN,
  width: 100,
  invocation: "check -f 'my pods'",
};

const FAIL: Result = {
  id: 'abc',
  rule: 'host-pid',
  group: 'findings',
  verdict: 'fail',
  word: 'fail',
  severity: 'high',
  level: 'analysed',
  about: 'Pod shop/web [app]',
  object: { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'web' },
  namespace: 'shop',
  container: 'app',
  at: { file: './my pods/wéb.yaml', line: 7, column: 3 },
  path: 'spec.hostPID',
  message: 'sees <all> "processes" | & more @team',
  because: [{ kind: 'absence', of: 'x', says: '=1+1' }],
};
const { at: _at, ...LIVE } = FAIL;
const RESULTS: readonly Result[] = [
  FAIL,
  { ...LIVE, id: 'def', verdict: 'unknown', word: 'unknown' },
  { ...FAIL, id: 'ghi', word: 'accepted', accepted: { reason: 'old\nsite', until: '2027-01-31' } },
  { ...FAIL, id: 'jkl', verdict: 'pass', word: 'pass' },
  { ...FAIL, id: 'mno', verdict: 'notApplicable', word: 'notApplicable' },
  {
    id: 'claim/c',
    rule: 'claim/reach',
    group: 'claims',
    verdict: 'fail',
    word: 'violated',
    severity: 'critical',
    level: 'observed',
    about: 'c',
    message: 'Nobody reaches it.',
    because: [],
  },
];

function reportOf(results: readonly Result[]): Report {
  return {
    command: 'check',
    source: 'my pods',
    headline: '3 findings.',
    results,
    ran: ['host-pid', 'host-ipc'],
    coverage: {
      read: [],
      gaps: [{ kind: 'Secret', reason: 'forbidden', detail: 'Secrets could not be read', remedy: 'Grant get.' }],
      notes: [],
    },
    generatedAt: '2026-11-21T12:00:00.250Z',
    document: { kind: 'CheckReport', results },
    screen: () => 'a \u001b]0;title\u0007\u001b[31mred\u001b[39m \u202ename\n',
    page: () => ({ lead: '<h1>my pods</h1>', sections: [] }),
  };
}

const written = (format: FormatId, results = RESULTS): string => formatReport(reportOf(results), format, OPTIONS);

test('the formats are those of the command line', () => {
  expect(FORMATS.map(({ id }) => id).join('|')).toBe(
    'table|wide|json|yaml|name|sarif|junit|markdown|html|csv|policyreport',
  );
});

describe('the same set of results in every format', () => {
  const count: Readonly<Record<string, (text: string) => number>> = {
    wide: (text) => text.trimEnd().split('\n').length - 1,
    json: (text) => (JSON.parse(text) as { results: unknown[] }).results.length,
    yaml: (text) => (parse(text) as { results: unknown[] }).results.length,
    name: (text) => text.trimEnd().split('\n').length,
    sarif: (text) => readSarif(text).results.length,
    junit: (text) => text.match(/<testcase/g)?.length ?? 0,
    markdown: (text) => text.match(/^\| \\?[✗?~✓–] /gm)?.length ?? 0,
    csv: (text) => text.trimEnd().split('\r\n').length - 1,
    policyreport: (text) =>
      (JSON.parse(text) as { items: { results: unknown[] }[] }).items.flatMap(({ results }) => results).length,
  };
  test.each(Object.keys(count))('%s', (format) => {
    expect(count[format]?.(written(format as FormatId))).toBe(RESULTS.length);
    expect(written(format as FormatId, [])).not.toContain('undefined');
  });
});

describe('SARIF', () => {
  const { results, originalUriBaseIds, invocations, tool } = readSarif(written('sarif'));

  test('a finding has its rule, line, column, fingerprint and object', () => {
    expect(results[0]).toMatchObject({
      ruleId: 'host-pid',
      kind: 'fail',
      level: 'error',
      partialFingerprints: { 'seaworthy/v1': 'abc', primaryLocationLineHash: 'abc:1' },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'my%20pods/w%C3%A9b.yaml' },
            region: { startLine: 7, startColumn: 3 },
          },
          logicalLocations: [{ fullyQualifiedName: 'Pod shop/web spec.hostPID' }],
        },
      ],
    });
    expect(tool.driver.rules.map(({ id }) => id)).toEqual(['claim/reach', 'host-pid']);
  });

  test('an object of a live cluster is its own artifact, below a base that says it is no file', () => {
    expect(results[1]?.locations[0]?.physicalLocation.artifactLocation).toEqual({
      uri: 'Pod/shop/web',
      uriBaseId: 'OBJECTS',
    });
    expect(originalUriBaseIds?.['OBJECTS']?.description.text).toContain('no files');
  });

  test('only a failure has a level; what is accepted is there with its reason', () => {
    expect(results.map(({ kind, level }) => `${kind} ${level}`)).toEqual([
      'fail error',
      'open none',
      'fail error',
      'pass none',
      'notApplicable none',
      'fail error',
    ]);
    expect(results[2]?.suppressions?.[0]?.justification).toBe('accepted until 2027-01-31: old\nsite');
  });

  test('what could not be read is a notification', () => {
    expect(invocations[0]?.toolExecutionNotifications.map(({ message }) => message.text)).toEqual([
      'Secrets could not be read. Grant get.',
    ]);
  });

  test('above the limit the least severe are left out, and the run says so', () => {
    const low = Array.from({ length: GITHUB.results }, (_, n): Result => ({ ...FAIL, id: String(n), severity: 'low' }));
    const cut = readSarif(written('sarif', [...low, FAIL, { ...FAIL, id: 'c', severity: 'critical' }]));
    expect(cut.results.filter(({ level }) => level === 'error')).toHaveLength(2);
    expect(JSON.stringify(cut.invocations)).toContain('2 results were left out, the least severe');
  });
});

describe('JUnit', () => {
  const xml = written('junit');
  test('counts failures, errors and skipped apart, and names checks that found nothing', () => {
    expect(xml).toContain('<testsuite name="host-pid" tests="5" failures="1" errors="1" skipped="2">');
    expect(xml).toContain('<testsuite name="host-ipc" tests="0" failures="0" errors="0" skipped="0">');
    expect(xml).toContain('<testsuites name="seaworthy check" tests="6" failures="2" errors="1">');
  });
  test('escapes, and replaces what XML cannot hold', () => {
    expect(xml).toContain('message="sees &lt;all&gt; &quot;processes&quot; | &amp; more @team"');
    expect(xml).toContain('message="accepted until 2027-01-31: old&#10;site"');
    expect(written('junit', [{ ...FAIL, message: '\u0000\u001b[31m' }])).toContain('message="\uFFFD\uFFFD[31m"');
  });
});

test('CSV quotes what it must, and disarms formulas', () => {
  expect(written('csv')).toContain('"sees <all> ""processes"" | & more @team",\'=1+1,');
  expect(written('csv')).toContain('"accepted until 2027-01-31: old\nsite"');
});

test('Markdown shows text as text: no HTML, no mention, no new cell', () => {
  const text = written('markdown');
  expect(text).toContain('sees &lt;all&gt; "processes" \\| &amp; more &#64;team');
  expect(text).toContain('## Not read\n\n- Secrets could not be read. Grant get.');
});

describe('PolicyReport', () => {
  const { items } = JSON.parse(written('policyreport')) as {
    items: { kind: string; metadata: { namespace?: string }; summary: object; results: Record<string, unknown>[] }[];
  };
  test('one report a namespace, one for what has none, summed up', () => {
    expect(items.map(({ kind, metadata, summary }) => [kind, metadata.namespace, summary])).toEqual([
      ['ClusterPolicyReport', undefined, { pass: 0, fail: 1, warn: 0, error: 0, skip: 0 }],
      ['PolicyReport', 'shop', { pass: 1, fail: 1, warn: 0, error: 1, skip: 2 }],
    ]);
  });
  test('a result has what wgpolicyk8s.io/v1alpha2 demands and allows', () => {
    const allowed =
      'source policy rule category severity timestamp result scored resources resourceSelector message properties';
    for (const result of items.flatMap(({ results }) => results)) {
      expect(Object.keys(result).filter((key) => !allowed.split(' ').includes(key))).toEqual([]);
      expect(result).toMatchObject({
        policy: expect.any(String),
        timestamp: { seconds: 1795262400, nanos: 250000000 },
      });
      expect(['critical', 'high', 'medium', 'low', 'info']).toContain(result['severity']);
      expect(Object.values(result['properties'] as object).every((value) => typeof value === 'string')).toBe(true);
    }
  });
  test('many results of a namespace are spread over reports that etcd can hold', () => {
    const many = Array.from({ length: 2500 }, (_, n): Result => ({ ...FAIL, id: String(n) }));
    const spread = JSON.parse(written('policyreport', many)) as { items: { metadata: { name: string } }[] };
    expect(spread.items.map(({ metadata }) => metadata.name)).toEqual([
      'seaworthy-check',
      'seaworthy-check-2',
      'seaworthy-check-3',
    ]);
  });
});

test('a screen keeps its colours, and nothing in a name can move the cursor or turn text around', () => {
  expect(written('table')).toBe('a \u001b[31mred\u001b[39m \uFFFDname\n');
});

test('HTML allows exactly its own style and scripts', () => {
  const page = written('html');
  expect(page).toMatch(/default-src 'none'; style-src 'sha256-[\w+/=]+'; script-src 'sha256-[\w+/=]+'/);
  expect(page).toContain('check -f &#39;my pods&#39; -o json');
});
