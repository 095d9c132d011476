import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { Option, type Command } from 'commander';
import pc from 'picocolors';
import { SeaworthyError, systemReason } from '../model/errors.ts';
import { formatJson } from '../report/formats/json.ts';
import { formatYaml } from '../report/formats/yaml.ts';
import type { FormatId } from '../report/report.ts';
import { OUTPUT_FLAGS } from './help/help.ts';
import type { Io } from './io.ts';

export { formatTable } from '../report/text-table.ts';
/** Every format some command prints; each command offers those it can. */
export type OutputFormat = FormatId;

/** Adds `-o`; the first format offered is the default. The parsed value is `options.output`. */
export function addOutputOption(command: Command, formats: readonly OutputFormat[]): Command {
  const option = new Option('-o, --output <format>', 'output format').choices(formats).default(formats[0]);
  return command.addOption(option.helpGroup(OUTPUT_FLAGS));
}

/** Colours, or functions that leave text as it is. */
export type Styles = ReturnType<typeof pc.createColors>;

/** Colours for a stream: only on a terminal, never with NO_COLOR, unless `--color` says otherwise. */
export function stylesFor(io: Io, stream: { readonly isTTY?: boolean } = io.stdout, color: string = 'auto'): Styles {
  const { NO_COLOR, TERM } = io.env;
  const automatic = stream.isTTY === true && (NO_COLOR === undefined || NO_COLOR === '') && TERM !== 'dumb';
  return pc.createColors(color === 'always' || (color !== 'never' && automatic));
}

/** Writes text, waiting when the reader is slower than we are. */
export async function write(stream: NodeJS.WritableStream, text: string): Promise<void> {
  if (stream.write(text)) return;
  await new Promise<void>((done, fail) => {
    const settle = (error?: Error): void => {
      stream.off('drain', settle).off('error', settle).off('close', settle);
      if (error) fail(error);
      else done();
    };
    stream.once('drain', settle).once('error', settle).once('close', settle);
  });
}

/** Prints exactly one JSON document. */
export async function printJson(io: Io, document: unknown): Promise<void> {
  await write(io.stdout, formatJson(document));
}

async function printYaml(io: Io, document: unknown): Promise<void> {
  await write(io.stdout, formatYaml(document));
}

/** Prints a document as JSON or YAML; false for any other format, which the command prints itself. */
export async function printDocument(io: Io, format: OutputFormat, document: unknown): Promise<boolean> {
  if (format === 'json') await printJson(io, document);
  else if (format === 'yaml') await printYaml(io, document);
  else return false;
  return true;
}

/**
 * Writes a file whole or not at all: beside it first, then renamed over it, so that a full disk leaves the old
 * content and no half file. Compressed when the name ends in .gz. Throws SW_CANNOT_WRITE.
 */
export async function writeFileSafely(file: string, chunks: Iterable<string> | string, cwd: string): Promise<void> {
  const path = resolve(cwd, file);
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.partial`);
  const source = Readable.from(typeof chunks === 'string' ? [chunks] : chunks);
  try {
    const inPlace = path.startsWith('/dev/');
    const target = createWriteStream(inPlace ? path : temporary, { flush: !inPlace });
    if (path.endsWith('.gz')) await pipeline(source, createGzip(), target);
    else await pipeline(source, target);
    await finished(target);
    if (!inPlace) await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new SeaworthyError('SW_CANNOT_WRITE', `${file} can't be written: ${systemReason(cause)}`, {
      hint: 'Name another place, or make room there; nothing was left behind.',
      cause,
    });
  }
}
