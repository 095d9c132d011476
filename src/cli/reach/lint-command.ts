import { Option, type Command } from 'commander';
import { LINTS, runLints, type LintResult } from '../../analysis/network/lint/index.ts';
import { API_VERSION } from '../../model/api-version.ts';
import { isAtLeast } from '../../model/because.ts';
import { formatRef } from '../../model/object.ts';
import { collectFindings } from '../../report/findings.ts';
import type { Report } from '../../report/report.ts';
import { resultOfFinding } from '../../report/results.ts';
import { plural } from '../../report/wording.ts';
import type { Io } from '../io.ts';
import { invocationOf, printReport } from '../print-report.ts';
import { printDocument, write, type OutputFormat } from '../output.ts';
import { formatRows } from '../../report/rows.ts';
import { lintScreen } from '../../report/reach/lint-screen.ts';
import {
  addReachOptions,
  inOwnFormat,
  openNetwork,
  reportBasis,
  type OpenedNetwork,
  type ReachOptions,
} from './options.ts';

interface LintOptions extends ReachOptions {
  readonly verify: boolean;
  readonly failOn?: LintResult['severity'];
}

/** Formats that print the lints with their fixes. */
const ROWS = ['table', 'wide', 'csv', 'markdown'];
/** Formats of tools, which print them as `verify` does. */
export const RESULT_FORMATS = ['name', 'sarif', 'junit', 'policyreport'];
const SEVERITIES = ['high', 'medium', 'low'] as const;

/** `reach lint`: policies that don't do what was meant, each with a fix that was tried. */
export function registerLint(reach: Command, io: Io): void {
  const command = reach.command('lint').description('policies without effect, dangling or dangerous');
  addReachOptions(command, [...ROWS, 'json', 'yaml', ...RESULT_FORMATS])
    .option('--no-verify', 'do not try the fixes: each costs an analysis of everything')
    .addOption(
      new Option('--fail-on <severity>', 'exit 1 when there is a finding as bad or worse').choices(SEVERITIES),
    );
  command.action(async () => {
    const options = inOwnFormat(command, command.optsWithGlobals<LintOptions>());
    const { snapshot, analysis } = await openNetwork(options, io);
    const results = runLints(LINTS, { snapshot, analysis }, options.verify ? {} : { verify: 0 });
    const { failOn } = options;
    const tripped = (severity: LintResult['severity']): boolean => failOn !== undefined && isAtLeast(severity, failOn);
    if (results.some(({ severity }) => tripped(severity))) io.exitCode = 1;
    const document = {
      apiVersion: API_VERSION,
      kind: 'LintReport',
      results,
      problems: analysis.problems,
      coverage: snapshot.coverage,
    };
    if (await printDocument(io, options.output as OutputFormat, document)) return;
    if (RESULT_FORMATS.includes(options.output))
      return printReport(reportOfLints({ snapshot, analysis }, results, document), options.output as OutputFormat, {
        program: reach.parent ?? reach,
        io,
        invocation: invocationOf('reach lint', options),
      });
    await write(io.stdout, options.output === 'table' ? lintScreen(results) : table(options.output, results));
    reportBasis(io, snapshot, analysis);
  });
}

function table(format: string, results: readonly LintResult[]): string {
  const heading = ['severity', 'lint', 'policy', 'field', 'message', 'fix', 'verified'];
  return formatRows(
    format,
    heading,
    results.map(({ severity, lint, object, path, message, fix }) => [
      severity,
      lint,
      formatRef(object),
      path,
      message,
      fix.says,
      String(fix.verified),
    ]),
  );
}

/** The same lints with ids, for the formats of tools; what is wrong with policies and input is among them. */
function reportOfLints({ snapshot, analysis }: OpenedNetwork, lints: readonly LintResult[], document: object): Report {
  const findings = collectFindings({ snapshot, lints, policyProblems: analysis.problems });
  return {
    command: 'reach lint',
    source: snapshot.source.description,
    headline: `${plural(findings.length, 'finding')}.`,
    results: findings.map(resultOfFinding),
    ran: LINTS.map(({ id }) => id),
    coverage: snapshot.coverage,
    document,
    screen: () => lintScreen(lints),
    // No format offered here draws a page.
    page: () => ({ lead: '', sections: [] }),
  };
}
