import { Argument, type Command } from 'commander';
import { formatRef } from '../../model/object.ts';
import { diffSnapshots, type FieldChange, type SnapshotDiff } from '../../sources/snapshot-diff.ts';
import { formatSnapshot } from '../../sources/snapshot-file.ts';
import type { Io } from '../io.ts';
import { addOutputOption, formatTable, printDocument, write, writeFileSafely, type OutputFormat } from '../output.ts';
import { addSourceOptions, openSource, type SourceOptions } from '../input/source-options.ts';
import { openOther } from '../input/other-source.ts';

interface SaveOptions extends SourceOptions {
  readonly output?: string;
  readonly includeSecretValues?: boolean;
}

interface DiffOptions extends SourceOptions {
  readonly output: OutputFormat;
}

/** `snapshot`: freeze the facts of any source into one file, and compare two of them. */
export function registerSnapshot(program: Command, io: Io): void {
  const snapshot = program.command('snapshot').description('freeze what a cluster is made of; compare two');
  const save = snapshot
    .command('save')
    .description('write everything read, and what could not be read, as one JSON document')
    .option('-o, --output <file>', 'file to write, compressed when it ends in .gz; json or - is stdout (the default)')
    .option('--include-secret-values', 'keep the values of Secrets given in files (left out otherwise)');
  addSourceOptions(save).action((options: SaveOptions) => saveSnapshot(options, io));
  const diff = snapshot
    .command('diff')
    .description('objects and fields that differ; status and what the server keeps for itself aside')
    .argument('<before>', 'a snapshot, a file or directory of manifests, or (with -f) a git revision')
    .addArgument(new Argument('[after]', 'another of them; what -f, --snapshot or the cluster gives when absent'));
  addOutputOption(addSourceOptions(diff), ['table', 'json', 'yaml', 'name']);
  diff.action(async (before: string, after: string | undefined, options: DiffOptions) => {
    const now = after === undefined ? await openSource(options, io) : await openOther(after, options, io);
    const found = diffSnapshots(await openOther(before, options, io), now);
    if (await printDocument(io, options.output, found)) return;
    await write(io.stdout, options.output === 'name' ? names(found) : screen(found));
  });
}

async function saveSnapshot(options: SaveOptions, io: Io): Promise<void> {
  const read = await openSource(options, io);
  const text = formatSnapshot(read, { includeSecretValues: options.includeSecretValues === true });
  // `-o json` asks every command for its document on stdout; a file of that name is ./json.
  if (options.output === undefined || options.output === '-' || options.output === 'json') {
    for (const chunk of text) await write(io.stdout, chunk);
    return;
  }
  await writeFileSafely(options.output, text, io.cwd);
  const objects = read.coverage.read.reduce((sum, { count }) => sum + count, 0);
  const { gaps } = read.coverage;
  io.stderr.write(`${options.output}: ${objects} objects of ${read.coverage.read.length} kinds, ${gaps.length} gaps\n`);
}

function names({ changes }: SnapshotDiff): string {
  return changes.map(({ change, object }) => `${change} ${formatRef(object)}\n`).join('');
}

/** One line a field, or one an object; then what could be read of only one side. */
function screen({ before, after, changes, gaps }: SnapshotDiff): string {
  const rows = changes.flatMap(({ change, object, fields, because = '' }) =>
    fields
      ? fields.map((field, index) => [
          index === 0 ? change : '',
          index === 0 ? formatRef(object) : '',
          field.path,
          words(field),
        ])
      : [[change, formatRef(object), '', because]],
  );
  const notRead = [
    ...gaps.opened.map(({ detail }) => `no longer read: ${detail}\n`),
    ...gaps.closed.map(({ detail }) => `read now: ${detail}\n`),
  ].join('');
  const head = `${before.description}${before.takenAt === undefined ? '' : ` (${before.takenAt})`} to ${after.description}${after.takenAt === undefined ? '' : ` (${after.takenAt})`}\n`;
  if (rows.length === 0) return `${head}Nothing differs.\n${notRead}`;
  return `${head}\n${formatTable(['CHANGE', 'OBJECT', 'FIELD', 'VALUE'], rows)}${notRead === '' ? '' : `\n${notRead}`}`;
}

function words({ before, after }: FieldChange): string {
  const short = (value: unknown): string => {
    const text = value === undefined ? '(not set)' : JSON.stringify(value);
    return text.length > 60 ? `${text.slice(0, 57)}...` : text;
  };
  return `${short(before)} -> ${short(after)}`;
}
