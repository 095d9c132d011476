import { Option, type Command } from 'commander';
import { LINTS, runLints, type LintResult } from '../../analysis/network/lint/index.ts';
import { formatRef } from '../../model/object.ts';
import type { Io } from '../io.ts';
import { printDocument, write, type OutputFormat } from '../output.ts';
import { formatRows } from './formats.ts';
import { lintScreen } from './lint-screen.ts';
import { addReachOptions, API_VERSION, openNetwork, reportBasis, type ReachOptions } from './options.ts';

interface LintOptions extends ReachOptions {
  readonly verify: boolean;
  readonly failOn?: LintResult['severity'];
}

const SEVERITIES = ['high', 'medium', 'low'] as const;

/** `reach lint`: policies that don't do what was meant, each with a fix that was tried. */
export function registerLint(reach: Command, io: Io): void {
  const command = reach.command('lint').description('policies without effect, dangling or dangerous');
  addReachOptions(command, ['table', 'json', 'yaml', 'csv', 'markdown'])
    .option('--no-verify', 'do not try the fixes: each costs an analysis of everything')
    .addOption(
      new Option('--fail-on <severity>', 'exit 1 when there is a finding as bad or worse').choices(SEVERITIES),
    );
  command.action(async () => {
    const options = command.optsWithGlobals<LintOptions>();
    const { snapshot, analysis } = await openNetwork(options, io);
    const results = runLints(LINTS, { snapshot, analysis }, options.verify ? {} : { verify: 0 });
    const { failOn } = options;
    const tripped = (severity: LintResult['severity']): boolean =>
      failOn !== undefined && SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(failOn);
    if (results.some(({ severity }) => tripped(severity))) io.exitCode = 1;
    const document = {
      apiVersion: API_VERSION,
      kind: 'LintReport',
      results,
      problems: analysis.problems,
      coverage: snapshot.coverage,
    };
    if (await printDocument(io, options.output as OutputFormat, document)) return;
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
