import { formatRef } from '../../model/object.ts';
import type { Severity } from '../../model/because.ts';
import type { Finding } from '../types.ts';

/** What a rule is called in the list of rules; its page says the rest. */
export interface RuleText {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  readonly tags: readonly string[];
}

/** GitHub takes 25,000 results of a run and shows the first 5,000; more tags than 20 on a rule are dropped. */
const MOST_RESULTS = 25_000;
const MOST_TAGS = 20;

const LEVEL: Readonly<Record<Severity, string>> = { critical: 'error', high: 'error', medium: 'warning', low: 'note' };
/** GitHub sorts by this number: over 9.0 is critical, over 7.0 high, over 4.0 medium. */
const SCORE: Readonly<Record<Severity, string>> = { critical: '9.5', high: '8.0', medium: '5.5', low: '2.0' };

/**
 * Findings as SARIF 2.1.0. What is accepted is there with its suppression; what could not be judged is an open
 * result, never a pass. Says in the run itself when it had to cut.
 */
export function toSarif(findings: readonly Finding[], rules: readonly RuleText[], version: string): object {
  const used = new Set(findings.map(({ check }) => check));
  const described = rules.filter(({ id }) => used.has(id));
  const others = [...used].filter((id) => !described.some((rule) => rule.id === id)).sort();
  const cut = findings.length - MOST_RESULTS;
  const notices =
    cut > 0
      ? [{ level: 'warning', message: { text: `${cut} less severe results were left out: GitHub takes no more.` } }]
      : [];
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'seaworthy',
            version,
            rules: [...described.map(ruleOf), ...others.map((id) => ({ id, shortDescription: { text: id } }))],
          },
        },
        invocations: [{ executionSuccessful: true, toolExecutionNotifications: notices }],
        results: findings.slice(0, MOST_RESULTS).map(resultOf),
      },
    ],
  };
}

function ruleOf({ id, title, severity, tags }: RuleText): object {
  return {
    id,
    shortDescription: { text: title },
    help: { text: `seaworthy explain ${id}` },
    defaultConfiguration: { level: LEVEL[severity] },
    properties: { 'security-severity': SCORE[severity], tags: ['security', ...tags].slice(0, MOST_TAGS) },
  };
}

function resultOf(finding: Finding): object {
  const { check, verdict, severity, message, id, accepted } = finding;
  return {
    ruleId: check,
    kind: verdict === 'unknown' ? 'open' : 'fail',
    level: verdict === 'unknown' ? 'none' : LEVEL[severity],
    message: { text: finding.object ? `${formatRef(finding.object)}: ${message}` : message },
    locations: [locationOf(finding)],
    partialFingerprints: { 'seaworthy/v1': id },
    ...(accepted
      ? { suppressions: [{ kind: 'inSource', justification: `${accepted.reason} (until ${accepted.until})` }] }
      : {}),
  };
}

function locationOf({ file, line, column, object, path }: Finding): object {
  const name = object && [formatRef(object), path].filter((part) => part !== undefined).join(' ');
  return {
    ...(file === undefined
      ? {}
      : {
          physicalLocation: {
            artifactLocation: { uri: uriOf(file) },
            region: { startLine: line ?? 1, ...(column === undefined ? {} : { startColumn: column }) },
          },
        }),
    ...(name === undefined ? {} : { logicalLocations: [{ fullyQualifiedName: name, kind: 'object' }] }),
  };
}

/** A relative path stays relative, so that it is found in the repository. */
function uriOf(file: string): string {
  const path = file.replaceAll('\\', '/').split('/').map(encodeURIComponent).join('/');
  return path.startsWith('/') ? `file://${path}` : path.replace(/^\.\//, '');
}
