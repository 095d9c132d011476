import type { Severity } from '../model/because.ts';
import type { JudgedClaim } from '../claims/types.ts';
import type { ReportFormat } from './format.ts';
import type { Finding } from './types.ts';
import { whereOf } from './verification.ts';
import { SECURITY_SEVERITY } from './wording.ts';

/** GitHub takes this many results of a run and shows the first 5,000. */
const MAX_RESULTS = 25_000;

interface SarifResult {
  readonly ruleId: string;
  readonly severity: Severity;
  readonly message: string;
  readonly fingerprint: string;
  readonly object: string;
  readonly file?: string;
  readonly line?: number;
  readonly accepted?: string;
  readonly unknown: boolean;
}

/** SARIF 2.1.0: violated and unknown claims and every finding, worst first, within GitHub's limits. */
export const sarif: ReportFormat = {
  id: 'sarif',
  title: 'Code scanning',
  render(report) {
    const all = [
      ...report.claims.filter(({ verdict }) => verdict !== 'holds').map(ofClaim),
      ...report.findings.map(ofFinding),
    ];
    const results = all.slice(0, MAX_RESULTS);
    const cut = all.length - results.length;
    const ids = [...new Set(results.map(({ ruleId }) => ruleId))].sort();
    const run = {
      tool: {
        driver: {
          name: 'seaworthy',
          informationUri: 'https://seaworthy.dev',
          rules: ids.map((id) =>
            ruleOf(
              id,
              results.find(({ ruleId }) => ruleId === id),
            ),
          ),
        },
      },
      invocations: [
        {
          executionSuccessful: true,
          toolExecutionNotifications: [
            ...(cut > 0
              ? [
                  {
                    level: 'warning',
                    message: {
                      text: `${cut} results were left out: a run holds at most ${MAX_RESULTS}. The least severe are missing.`,
                    },
                  },
                ]
              : []),
            ...report.coverage.gaps.map(({ detail, remedy }) => ({
              level: 'warning',
              message: { text: `${detail}. ${remedy}` },
            })),
          ],
        },
      ],
      results: results.map((result) => sarifOf(result, ids.indexOf(result.ruleId))),
      columnKind: 'utf16CodeUnits',
    };
    return `${JSON.stringify({ $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] }, null, 2)}\n`;
  },
};

function ofClaim({ claim, kind, statement, severity, verdict, because, derivedFrom }: JudgedClaim): SarifResult {
  const field = because.find((reason) => reason.kind === 'field' && reason.at !== undefined);
  const at = field?.kind === 'field' ? field.at : undefined;
  const reasons = because.slice(0, 3).map(({ says }) => says);
  return {
    ruleId: `claim/${kind}`,
    severity,
    message: `${verdict === 'violated' ? 'Violated' : 'Unknown'}: ${statement} ${reasons.join('. ')}`,
    fingerprint: `claim/${claim}`,
    object: derivedFrom?.[0] ? `${derivedFrom[0].kind} ${derivedFrom[0].name}` : claim,
    unknown: verdict === 'unknown',
    ...(at ? { file: at.file, ...(at.line === undefined ? {} : { line: at.line }) } : {}),
  };
}

function ofFinding(finding: Finding): SarifResult {
  const { id, check, severity, message, file, line, accepted, verdict } = finding;
  return {
    ruleId: check,
    severity,
    message: `${whereOf(finding)}: ${message}`,
    fingerprint: id,
    object: whereOf(finding),
    unknown: verdict === 'unknown',
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
    ...(accepted ? { accepted: `${accepted.reason} (until ${accepted.until})` } : {}),
  };
}

function ruleOf(id: string, example: SarifResult | undefined) {
  const severity = example?.severity ?? 'low';
  const says = id.startsWith('claim/') ? `A claim of kind ${id.slice(6)} does not hold` : id.replaceAll('-', ' ');
  return {
    id,
    shortDescription: { text: says },
    help: {
      text: `seaworthy explain ${id} says what it means and how to fix it.`,
      markdown: `\`seaworthy explain ${id}\` says what it means, how to see it by hand and how to fix it.`,
    },
    defaultConfiguration: { level: levelOf(severity) },
    properties: { 'security-severity': SECURITY_SEVERITY[severity], tags: ['security', 'kubernetes'] },
  };
}

function sarifOf(result: SarifResult, ruleIndex: number) {
  const { ruleId, severity, message, fingerprint, object, file, line, accepted, unknown } = result;
  return {
    ruleId,
    ruleIndex,
    ...(unknown ? { kind: 'review', level: 'none' } : { kind: 'fail', level: levelOf(severity) }),
    message: { text: message },
    locations: [
      {
        ...(file === undefined
          ? {}
          : {
              physicalLocation: {
                artifactLocation: { uri: uriOf(file) },
                region: { startLine: Math.max(1, line ?? 1) },
              },
            }),
        logicalLocations: [{ fullyQualifiedName: object, kind: 'resource' }],
      },
    ],
    partialFingerprints: { 'seaworthy/v1': fingerprint },
    ...(accepted === undefined
      ? {}
      : { suppressions: [{ kind: 'external', status: 'accepted', justification: accepted }] }),
  };
}

function levelOf(severity: Severity): 'error' | 'warning' | 'note' {
  return severity === 'critical' || severity === 'high' ? 'error' : severity === 'medium' ? 'warning' : 'note';
}

function uriOf(file: string): string {
  return file.split('/').map(encodeURIComponent).join('/');
}
