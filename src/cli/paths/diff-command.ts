import { Option, type Command } from 'commander';
import { API_VERSION } from '../../model/api-version.ts';
import { diffPaths, type PathChange } from '../../analysis/attack/index.ts';
import { formatNode } from '../../analysis/attack/nodes.ts';
import { pathDiffMarkdown } from '../../report/paths/diff-markdown.ts';
import { nameOf } from '../../report/paths/view.ts';
import type { Io } from '../io.ts';
import { addOutputOption, printDocument, write, type OutputFormat } from '../output.ts';
import { addSourceOptions, openSource, type SourceOptions } from '../input/source-options.ts';
import { openOther } from '../input/other-source.ts';
import { noteUnknownNames } from './names.ts';
import { addQuestionOptions, pairsOf, readQuestion, type QuestionOptions } from './questions.ts';

interface DiffOptions extends SourceOptions, QuestionOptions {
  readonly against: string;
  readonly failOn?: 'opened';
  readonly output: OutputFormat;
}

/** `paths diff`: which paths a change opens and closes, and which object did it. */
export function registerDiff(paths: Command, io: Io): void {
  const command = paths
    .command('diff')
    .description('which paths a change opens and closes, and which object did it')
    .requiredOption('--against <source>', 'the state before: a file, a directory, a snapshot or a git revision')
    .addOption(new Option('--fail-on <what>', 'exit 1 when a path is opened').choices(['opened']));
  addOutputOption(addSourceOptions(addQuestionOptions(command)), ['table', 'json', 'yaml', 'markdown']);
  command.action(async (_options: unknown, self: Command) => {
    const options: DiffOptions = self.optsWithGlobals();
    const question = readQuestion(options);
    const now = await openSource(options, io);
    noteUnknownNames([question.from, question.to], now, io);
    const old = await openOther(options.against, options, io);
    const changes = diffPaths(old, now, pairsOf(question, old, now));
    if (options.failOn === 'opened' && changes.some(({ change }) => change === 'opened')) io.exitCode = 1;
    const document = { apiVersion: API_VERSION, kind: 'PathDiff', changes };
    if (await printDocument(io, options.output, document)) return;
    await write(io.stdout, options.output === 'markdown' ? pathDiffMarkdown(changes) : formatChanges(changes));
  });
}

function formatChanges(changes: readonly PathChange[]): string {
  if (changes.length === 0) return 'The change opens no path and closes none.\n';
  const lines = changes.flatMap(({ change, from, to, path, by, alone }) => [
    `${change === 'opened' ? '+ opened' : '- closed'}  ${formatNode(from)} -> ${formatNode(to)}`,
    ...path.map((hop) => `    ${hop}`),
    `  ${alone && by.length > 1 ? 'by each of' : by.length > 1 ? 'by all of' : 'by'}`,
    ...by.map(({ change: how, object, fields = [] }) => {
      const place = nameOf(object);
      return `    ${place} ${how}${fields.length > 0 ? ` (${fields.join(', ')})` : ''}`;
    }),
  ]);
  return `${lines.join('\n')}\n`;
}
