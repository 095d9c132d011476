import type { Command } from 'commander';
import { formatSnapshot } from '../../sources/snapshot-file.ts';
import type { Io } from '../io.ts';
import { write, writeFileSafely } from '../output.ts';
import { addSourceOptions, openSource, type SourceOptions } from '../source-options.ts';

interface SaveOptions extends SourceOptions {
  readonly output?: string;
  readonly includeSecretValues?: boolean;
}

/** `snapshot save`: freeze the facts of any source into one file, to be read with `--snapshot`. */
export function registerSnapshot(program: Command, io: Io): void {
  const snapshot = program.command('snapshot').description('freeze what a cluster is made of');
  const save = snapshot
    .command('save')
    .description('write everything read, and what could not be read, as one JSON document')
    .option('-o, --output <file>', 'file to write (default: stdout; compressed when it ends in .gz)')
    .option('--include-secret-values', 'keep the values of Secrets given in files (left out otherwise)');
  addSourceOptions(save).action(async (options: SaveOptions) => {
    const read = await openSource(options, io);
    const text = formatSnapshot(read, { includeSecretValues: options.includeSecretValues === true });
    if (options.output === undefined || options.output === '-') {
      for (const chunk of text) await write(io.stdout, chunk);
      return;
    }
    await writeFileSafely(options.output, text, io.cwd);
    const objects = read.coverage.read.reduce((sum, { count }) => sum + count, 0);
    const { gaps } = read.coverage;
    io.stderr.write(
      `${options.output}: ${objects} objects of ${read.coverage.read.length} kinds, ${gaps.length} gaps\n`,
    );
  });
}
