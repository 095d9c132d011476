import type { Command } from 'commander';
import { API_VERSION } from '../../model/api-version.ts';
import type { FixSet } from '../../analysis/attack/index.ts';
import { formatNode } from '../../analysis/attack/nodes.ts';
import { nameOf } from '../../report/paths/view.ts';
import type { Io } from '../io.ts';
import { addOutputOption, printDocument, write, type OutputFormat } from '../output.ts';
import { addSourceOptions, openSource, type SourceOptions } from '../input/source-options.ts';
import { readClaimFiles } from '../input/claim-files.ts';
import { boundedFix } from './bounded-fix.ts';
import { noteUnknownNames } from './names.ts';
import { addQuestionOptions, pairsOf, readQuestion, type Pair, type QuestionOptions } from './questions.ts';

interface FixCommandOptions extends SourceOptions, QuestionOptions {
  readonly claims?: readonly string[];
  readonly output: OutputFormat;
}

const BOUNDS = { exactMs: 5_000, mostMs: 10_000 } as const;

/** `paths fix`: the smallest change that cuts all paths. */
export function registerFix(paths: Command, io: Io): void {
  const command = paths
    .command('fix')
    .description('the smallest set of changes to real objects that cuts all paths')
    .option('--claims <file>', 'claims (repeatable): no change may break one about reach or access', collect);
  addOutputOption(addSourceOptions(addQuestionOptions(command)), ['table', 'json', 'yaml']);
  command.action(async (_options: unknown, self: Command) => {
    const options: FixCommandOptions = self.optsWithGlobals();
    const question = readQuestion(options);
    const claims = await readClaimFiles(options.claims ?? [], io);
    const snapshot = await openSource(options, io);
    noteUnknownNames([question.from, question.to], snapshot, io);
    const pairs = pairsOf(question, snapshot);
    const found = boundedFix(snapshot, pairs, claims, BOUNDS);
    const [only] = pairs;
    const asked = only && pairs.length === 1 ? { from: only.from, to: only.to } : {};
    const document = { apiVersion: API_VERSION, kind: 'FixSet', ...asked, ...found };
    if (!(await printDocument(io, options.output, document))) await write(io.stdout, formatFix(found, pairs));
  });
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function formatFix(fix: FixSet, pairs: readonly Pair[]): string {
  const [only] = pairs;
  const what =
    only && pairs.length === 1
      ? `${formatNode(only.from)} -> ${formatNode(only.to)}`
      : `${pairs.length} pairs of foothold and goal`;
  const lines: string[] = [];
  if (fix.outcome === 'nothing') lines.push(`${what}: there is no path, nothing has to change.`);
  if (fix.outcome === 'impossible')
    lines.push(`${what}: no fix found.`, ...fix.because.map((reason) => `  because ${reason}`));
  if (fix.outcome === 'unfinished') {
    lines.push(`${what}: not finished in time. At least ${fix.lowerBound} changes are needed; these are a beginning:`);
    for (const { says } of fix.changes) lines.push(`  ${says}`);
  }
  if (fix.outcome === 'fixed') {
    const count = fix.changes.length === 1 ? 'One change cuts' : `${fix.changes.length} changes cut`;
    lines.push(`${what}: ${count} every path.`);
    fix.changes.forEach(({ says, object, field }, index) => {
      const place = nameOf(object);
      lines.push(`  ${index + 1}. ${says}${field === '' ? '' : `   (${place}, ${field})`}`);
    });
    lines.push(
      fix.minimal
        ? `No smaller set does: ${fix.proof.length === 1 ? 'this path needs a change' : `of these ${fix.proof.length} paths each needs one of its cuts, and no ${fix.lowerBound - 1} changes have one of each`}.`
        : `At least ${fix.lowerBound} are needed; whether fewer than ${fix.changes.length} do was not found out in time (gap ${fix.gap}).`,
    );
    for (const { path } of fix.proof) lines.push(`  ${path.join(', ')}`);
    lines.push('Paths were looked for again in the changed facts: there is none.');
  }
  for (const { changes, claims } of fix.excluded)
    lines.push(`Left out: ${changes.join('; ')}, which would break ${claims.join(', ')}.`);
  return `${lines.join('\n')}\n`;
}
