import { InvalidArgumentError, Option, type Command } from 'commander';
import { API_VERSION } from '../../model/api-version.ts';
import { analyseAttack, defaultFootholds } from '../../analysis/attack/index.ts';
import { pathsReport } from '../../report/paths/paths-report.ts';
import { pathsText } from '../../report/paths/text.ts';
import type { Io } from '../io.ts';
import { printDocument, write } from '../output.ts';
import { registerDiff } from '../paths/diff-command.ts';
import { registerFix } from '../paths/fix-command.ts';
import { formatPaths, PATHS_FORMATS } from '../paths/formats.ts';
import { noteUnknownNames } from '../paths/names.ts';
import { registerProve } from '../paths/prove-command.ts';
import { invocationOf, screenOf } from '../print-report.ts';
import { addQuestionOptions, asWritten, readQuestion, type QuestionOptions } from '../paths/questions.ts';
import { addSourceOptions, openSource, type SourceOptions } from '../input/source-options.ts';

/** Formats of an answer; the first is the default. */
const FORMATS = ['table', 'wide', 'json', 'yaml', ...PATHS_FORMATS] as const;

interface PathsOptions extends SourceOptions, QuestionOptions {
  readonly paths?: number;
  readonly output: (typeof FORMATS)[number];
}

/** `paths`: how an intruder gets from a foothold to a goal; with subcommands to cut, compare and check the paths. */
export function registerPaths(program: Command, io: Io): void {
  const paths = program
    .command('paths')
    .description('how an intruder gets from a foothold to a goal, and which objects every way needs');
  paths.option('--paths <k>', 'so many different paths for each pair, the cheapest first (default: 1)', count);
  addSourceOptions(addQuestionOptions(paths)).addOption(
    new Option('-o, --output <format>', 'output format').choices(FORMATS).default(FORMATS[0]),
  );
  paths.action(async (options: PathsOptions) => {
    const { from, to } = readQuestion(options);
    const snapshot = await openSource(options, io);
    noteUnknownNames([from, to], snapshot, io);
    const answer = analyseAttack(snapshot).paths(from, to, options.paths ?? 1);
    const document = { apiVersion: API_VERSION, kind: 'AttackPaths', ...answer };
    const { output } = options;
    if (output === 'json' || output === 'yaml') return void (await printDocument(io, output, document));
    const tried = from ? [from] : defaultFootholds(snapshot);
    const report = pathsReport(answer, { from, to, tried }, snapshot);
    const calledAs = program.name();
    const next = {
      command: `${calledAs} ${invocationOf('paths fix', options, asWritten(options))}`,
      why: 'the smallest change that cuts every path',
    };
    if (output === 'table' || output === 'wide') {
      const cut = answer.paths.length > 0 ? { next } : {};
      return write(io.stdout, pathsText(report, { ...screenOf(io, program), every: output === 'wide', ...cut }));
    }
    const invocation = invocationOf('paths', options, asWritten(options));
    await write(io.stdout, formatPaths(report, output, { calledAs, invocation, next: [next] }));
  });
  registerFix(paths, io);
  registerDiff(paths, io);
  registerProve(paths, program, io);
}

function count(value: string): number {
  if (!/^[1-9]\d?$/.test(value)) throw new InvalidArgumentError('Give a whole number from 1 to 99.');
  return Number(value);
}
