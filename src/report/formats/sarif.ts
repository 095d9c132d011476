import type { Severity } from '../../model/because.ts';
import { formatRef } from '../../model/object.ts';
import type { Report, ReportFormat, Result, Rule } from '../report.ts';
import { ruleOf } from '../rules.ts';
import { formatAcceptance } from '../wording.ts';

/**
 * Limits of GitHub code scanning: results and rules of a run, tags of a rule, characters of an id and of a text.
 * https://docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
 */
export const GITHUB = { results: 25_000, rules: 25_000, tags: 20, id: 255, text: 1024 } as const;

const LEVEL: Readonly<Record<Severity, string>> = { critical: 'error', high: 'error', medium: 'warning', low: 'note' };

/** GitHub reads over 9.0 as critical, from 7.0 as high, from 4.0 as medium. */
const SCORE: Readonly<Record<Severity, string>> = { critical: '9.5', high: '8.0', medium: '5.5', low: '2.0' };

/** `kind` of a result in SARIF's words (3.27.9); only `fail` has a level. */
const KIND: Readonly<Record<Result['verdict'], string>> = {
  fail: 'fail',
  unknown: 'open',
  pass: 'pass',
  notApplicable: 'notApplicable',
};

/**
 * SARIF 2.1.0. What is accepted is there with its suppression; what could not be judged is an open result. Within
 * GitHub's limits: where results had to be left out they are the least severe, and the run says how many.
 */
export const sarif: ReportFormat = {
  id: 'sarif',
  title: 'Code scanning',
  render: (report, { version }) => `${JSON.stringify(sarifLog(report, version), null, 2)}\n`,
};

function sarifLog(report: Report, version: string): object {
  const { command, coverage } = report;
  const [results, left] = withinLimit(report.results);
  const rules = rulesOf(results);
  const index = new Map(rules.map(({ id }, position) => [id, position]));
  const notices = [
    ...(left > 0 ? [`${left} results were left out, the least severe: GitHub takes ${GITHUB.results} of a run.`] : []),
    ...coverage.gaps.map(({ detail, remedy }) => `${detail}. ${remedy}`),
  ];
  const run = {
    tool: { driver: { name: 'seaworthy', version, rules: rules.map(descriptorOf) } },
    automationDetails: { id: `seaworthy/${command}/` },
    invocations: [
      {
        executionSuccessful: true,
        toolExecutionNotifications: [...new Set(notices)].map((text) => ({ level: 'warning', message: { text } })),
      },
    ],
    columnKind: 'utf16CodeUnits',
    ...(results.some(({ at }) => at === undefined) ? { originalUriBaseIds: objectsBase(report) } : {}),
    results: results.map((result) => resultOf(result, index.get(result.rule) ?? 0)),
  };
  return { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] };
}

/** Everything that fits, failures first and worst first, in the order of the report. */
function withinLimit(all: readonly Result[]): readonly [readonly Result[], number] {
  if (all.length <= GITHUB.results) return [all, 0];
  const order = ['fail', 'unknown', 'pass', 'notApplicable'];
  const severities = ['critical', 'high', 'medium', 'low'];
  const kept = new Set(
    [...all]
      .sort(
        (a, b) =>
          order.indexOf(a.verdict) - order.indexOf(b.verdict) ||
          severities.indexOf(a.severity) - severities.indexOf(b.severity),
      )
      .slice(0, GITHUB.results),
  );
  return [all.filter((result) => kept.has(result)), all.length - kept.size];
}

function rulesOf(results: readonly Result[]): readonly Rule[] {
  const worst = new Map<string, Severity>();
  for (const { rule, severity } of results) if (!worst.has(rule)) worst.set(rule, severity);
  return [...worst].map(([id, severity]) => ruleOf(id, severity)).sort((a, b) => (a.id < b.id ? -1 : 1));
}

function descriptorOf({ id, title, severity, tags }: Rule): object {
  const how = `seaworthy explain ${id}`;
  return {
    id: id.slice(0, GITHUB.id),
    shortDescription: { text: title.slice(0, GITHUB.text) },
    help: {
      text: `${how} says what it means and how to fix it.`,
      markdown: `\`${how}\` says what it means, how to see it by hand and how to fix it.`,
    },
    defaultConfiguration: { level: LEVEL[severity] },
    properties: { 'security-severity': SCORE[severity], tags: ['security', ...tags].slice(0, GITHUB.tags) },
  };
}

function resultOf(result: Result, ruleIndex: number): object {
  const { rule, verdict, severity, word, message, group, about, because, id, accepted } = result;
  const reason = because.map(({ says }) => says).find((says) => says !== message);
  const says = group === 'claims' ? `${word}: ${message}` : `${about}: ${message}`;
  return {
    ruleId: rule.slice(0, GITHUB.id),
    ruleIndex,
    kind: KIND[verdict],
    level: verdict === 'fail' ? LEVEL[severity] : 'none',
    message: { text: reason === undefined ? says : `${says}\nBecause ${reason}` },
    locations: [locationOf(result)],
    // GitHub knows only the first; the number after the colon counts results of one line, and ids are unique already.
    partialFingerprints: { primaryLocationLineHash: `${id}:1`, 'seaworthy/v1': id },
    ...(accepted
      ? { suppressions: [{ kind: 'inSource', status: 'accepted', justification: formatAcceptance(accepted) }] }
      : {}),
  };
}

/** Where there is no file the object itself is the artifact, below a base that says that it is none on a disk. */
function locationOf({ at, object, about, path }: Result): object {
  const name = object ? [formatRef(object), path].filter((part) => part !== undefined).join(' ') : about;
  const physicalLocation =
    at === undefined
      ? { artifactLocation: { uri: objectUri(object, about), uriBaseId: 'OBJECTS' }, region: { startLine: 1 } }
      : {
          artifactLocation: { uri: fileUri(at.file) },
          region: {
            startLine: Math.max(1, at.line ?? 1),
            ...(at.column === undefined ? {} : { startColumn: Math.max(1, at.column) }),
          },
        };
  return { physicalLocation, logicalLocations: [{ fullyQualifiedName: name, kind: object ? 'object' : 'member' }] };
}

function objectsBase({ source }: Report): object {
  return { OBJECTS: { description: { text: `Objects and claims of ${source}, which are no files.` } } };
}

/** `Deployment/shop/web`: kind, namespace and name. */
function objectUri(object: Result['object'], about: string): string {
  const parts = object ? [object.kind, object.namespace, object.name] : ['claims', ...about.split('/')];
  return parts.flatMap((part) => (part === undefined ? [] : [encodeURIComponent(part)])).join('/');
}

/** A relative path stays relative, so that it is found in the repository. */
function fileUri(file: string): string {
  const path = file.replaceAll('\\', '/').split('/').map(encodeURIComponent).join('/');
  return path.startsWith('/') ? `file://${path}` : path.replace(/^(\.\/)+/, '');
}
