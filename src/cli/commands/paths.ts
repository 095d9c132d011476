import { InvalidArgumentError, Option, type Command } from 'commander';
import { analyseAttack } from '../../analysis/attack/index.ts';
import type { Io } from '../io.ts';
import { printDocument, write, type OutputFormat } from '../output.ts';
import { registerDiff } from '../paths/diff-command.ts';
import { formatDot } from '../paths/dot.ts';
import { registerFix } from '../paths/fix-command.ts';
import { registerProve } from '../paths/prove-command.ts';
import { addQuestionOptions, readQuestion, type QuestionOptions } from '../paths/questions.ts';
import { formatPaths } from '../paths/text.ts';
import { addSourceOptions, openSource, type SourceOptions } from '../source-options.ts';

interface PathsOptions extends SourceOptions, QuestionOptions {
  readonly paths?: number;
  readonly output: OutputFormat | 'dot';
}

/** `paths`: how an intruder gets from a foothold to a goal; with subcommands to cut, compare and check the paths. */
export function registerPaths(program: Command, io: Io): void {
  const paths = program
    .command('paths')
    .description('how an intruder gets from a foothold to a goal, and which objects every way needs');
  paths.option('--paths <k>', 'so many different paths for each pair, the cheapest first (default: 1)', count);
  addSourceOptions(addQuestionOptions(paths)).addOption(
    new Option('-o, --output <format>', 'output format').choices(['table', 'json', 'yaml', 'dot']).default('table'),
  );
  paths.action(async (options: PathsOptions) => {
    const { from, to } = readQuestion(options);
    const snapshot = await openSource(options, io);
    const answer = analyseAttack(snapshot).paths(from, to, options.paths ?? 1);
    const document = { apiVersion: 'seaworthy.dev/v1alpha1', kind: 'AttackPaths', ...answer };
    if (options.output === 'dot') await write(io.stdout, formatDot(answer));
    else if (!(await printDocument(io, options.output, document))) await write(io.stdout, formatPaths(answer));
  });
  registerFix(paths, io);
  registerDiff(paths, io);
  registerProve(paths, io);
}

function count(value: string): number {
  if (!/^[1-9]\d?$/.test(value)) throw new InvalidArgumentError('Give a whole number from 1 to 99.');
  return Number(value);
}
