import { InvalidArgumentError, Option, type Command } from 'commander';
import { SEVERITIES, type Severity } from '../../model/because.ts';
import { formatRef } from '../../model/object.ts';
import {
  parsePodSecurityVersion,
  type LevelAndVersion,
} from '../../analysis/admission/pod-security/namespace-policy.ts';
import { runChecks } from '../../analysis/posture/run-checks.ts';
import { findingsIn } from '../check/findings.ts';
import { checkReport, reaches } from '../check/document.ts';
import { formatRows, formatScreen } from '../check/screen.ts';
import type { Io } from '../io.ts';
import { addOutputOption, printDocument, stylesFor, write, type OutputFormat } from '../output.ts';
import { addSourceOptions, openSource, type SourceOptions } from '../source-options.ts';

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
    .option('--only <ids>', 'run these checks only (comma-separated, repeatable)', collectIds)
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
  addOutputOption(addSourceOptions(command), [
    'table',
    'wide',
    'json',
    'yaml',
    'name',
    'sarif',
    'junit',
    'markdown',
    'csv',
  ]);
  command.action(async (options: CheckOptions) => {
    const snapshot = await openSource(options, io);
    const run = runChecks(snapshot, { ...options, today: io.now().toISOString().slice(0, 10) });
    const report = checkReport(snapshot, run);
    const findings = findingsIn(options.output, snapshot, run, program);
    if (findings !== undefined) await write(io.stdout, findings);
    else await print(report, options.output, program, io);
    if (options.failOnIncomplete === true && report.summary.unknown > 0) io.exitCode = 3;
    if (options.failOn !== undefined && reaches(report.results, options.failOn)) io.exitCode = 1;
  });
}

async function print(
  report: ReturnType<typeof checkReport>,
  format: OutputFormat,
  program: Command,
  io: Io,
): Promise<void> {
  if (await printDocument(io, format, report)) return;
  const styles = stylesFor(io, io.stdout, program.opts<{ color?: string }>().color);
  if (format === 'name') {
    await write(io.stdout, report.results.map((r) => `${r.verdict} ${r.check} ${formatRef(r.object)}\n`).join(''));
  } else if (format === 'wide') {
    await write(io.stdout, formatRows(report.results, styles));
  } else {
    await write(io.stdout, formatScreen(report, styles, program.name()));
  }
}

function collectIds(value: string, before: readonly string[] = []): readonly string[] {
  return [
    ...before,
    ...value
      .split(',')
      .map((id) => id.trim())
      .filter((id) => id !== ''),
  ];
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
