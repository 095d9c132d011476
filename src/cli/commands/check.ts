import { InvalidArgumentError, Option, type Command } from 'commander';
import { SEVERITIES, type Severity } from '../../model/because.ts';
import {
  parsePodSecurityVersion,
  type LevelAndVersion,
} from '../../analysis/admission/pod-security/namespace-policy.ts';
import { runChecks } from '../../analysis/posture/run-checks.ts';
import { reaches } from '../../report/check-report.ts';
import { reportOfChecks } from '../../report/report-of.ts';
import { loadConfiguration } from '../config/load.ts';
import { acceptInRun } from '../config/suppressions.ts';
import type { Io } from '../io.ts';
import { commaSeparated } from '../input/option-values.ts';
import { addOutputOption, type OutputFormat } from '../output.ts';
import { invocationOf, printReport, REPORT_FORMATS } from '../print-report.ts';
import { addSourceOptions, openSource, type SourceOptions } from '../input/source-options.ts';

interface CheckOptions extends SourceOptions {
  readonly output: OutputFormat;
  readonly only?: readonly string[];
  readonly podSecurity?: LevelAndVersion;
  readonly namespaceDefaults?: boolean;
  readonly showPassed?: boolean;
  readonly failOn?: Severity;
  readonly failOnIncomplete?: boolean;
}

/** `check`: which posture checks fail where. */
export function registerCheck(program: Command, io: Io): void {
  const command = program
    .command('check')
    .description('which posture checks fail where, worst first')
    .option('--only <ids>', 'run these checks only (comma-separated, repeatable)', commaSeparated)
    .option(
      '--pod-security <level@minor>',
      'judge every workload by the controls of a Pod Security level, e.g. baseline@v1.33 or restricted@latest',
      podSecurityArgument,
    )
    .option('--namespace-defaults', "count what a namespace's LimitRange fills in as if it were written")
    .option('--show-passed', 'also list what passes and what does not apply')
    .addOption(
      new Option('--fail-on <severity>', 'exit 1 when something at least this severe fails').choices(SEVERITIES),
    )
    .option('--fail-on-incomplete', 'exit 3 when something could not be judged');
  addOutputOption(addSourceOptions(command), REPORT_FORMATS);
  command.action(async (options: CheckOptions) => {
    const snapshot = await openSource(options, io);
    const today = io.now().toISOString().slice(0, 10);
    const run = acceptInRun(runChecks(snapshot, { ...options, today }), loadConfiguration(io), today);
    const invocation = invocationOf('check', options);
    await printReport(reportOfChecks(snapshot, run), options.output, { program, io, invocation });
    if (options.failOnIncomplete === true && run.counts.unknown > 0) io.exitCode = 3;
    if (options.failOn !== undefined && reaches(run.results, options.failOn)) io.exitCode = 1;
  });
}

/** `baseline@v1.33`, `restricted@1.33`, `restricted@latest`, `baseline`. */
function podSecurityArgument(value: string): LevelAndVersion {
  const [level, version = 'latest', ...rest] = value.split('@');
  const minor = parsePodSecurityVersion(/^\d/.test(version) ? `v${version}` : version);
  if (
    (level === 'baseline' || level === 'restricted' || level === 'privileged') &&
    minor !== undefined &&
    rest.length === 0
  ) {
    return { level, minor };
  }
  throw new InvalidArgumentError('Give a level and a minor version: baseline@v1.33, restricted@latest.');
}
