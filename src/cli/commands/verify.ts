import { InvalidArgumentError, Option, type Command } from 'commander';
import { EVIDENCE_LEVELS } from '../../model/because.ts';
import { THRESHOLDS, type Threshold } from '../../report/thresholds.ts';
import type { Io } from '../io.ts';
import { commaSeparated, repeated } from '../input/option-values.ts';
import { addOutputOption } from '../output.ts';
import { REPORT_FORMATS } from '../print-report.ts';
import { addSourceOptions } from '../input/source-options.ts';
import { runVerify, type VerifyOptions } from '../verify/run.ts';

/** `verify`: are the claims true, on which evidence. The main job. */
export function registerVerify(program: Command, io: Io): void {
  const command = program
    .command('verify')
    .description('are the claims (given, or derived from the configuration) true, and on which evidence')
    .option('--claims <file>', 'claims to judge (repeatable); derived ones are judged too', repeated)
    .option('--no-derive', 'judge only the claims given')
    .option('--against <source>', 'what changed: another file, directory, snapshot or git revision to compare with')
    .addOption(
      new Option('--level <level>', 'strongest evidence to look for; beyond analysed the live cluster is touched')
        .choices(EVIDENCE_LEVELS.slice(1))
        .default('analysed'),
    )
    .option('--experiments <path>', 'experiments for level proven: a file or directory (repeatable)', repeated)
    .option(
      '--break-in <namespaces>',
      'where level proven may also break things by experiments it makes itself (comma-separated)',
      commaSeparated,
    )
    .option('--fail-on <what>', `exit 1 when there is any of: ${THRESHOLDS.join(', ')} (comma-separated)`, thresholds)
    .option('--fail-on-incomplete', 'exit 3 when something could not be read or judged')
    .option('--baseline <file>', 'an earlier report (-o json): findings that are not in it are new')
    .option(
      '--report <file>',
      'also write the whole report there: .html, .json, .sarif, .md, .xml (JUnit), .csv (repeatable)',
      repeated,
    )
    .option('--reproducible', 'leave out the time of the report');
  addOutputOption(addSourceOptions(command), REPORT_FORMATS);
  command.action(async (options: VerifyOptions) => runVerify(options, program, io));
}

function thresholds(value: string, before: readonly Threshold[] = []): readonly Threshold[] {
  const asked = value.split(',').map((word) => word.trim());
  const wrong = asked.find((word) => !(THRESHOLDS as readonly string[]).includes(word));
  if (wrong !== undefined) throw new InvalidArgumentError(`${wrong} is none of ${THRESHOLDS.join(', ')}.`);
  return [...before, ...(asked as Threshold[])];
}
