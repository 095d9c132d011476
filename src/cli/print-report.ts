import type { Command } from 'commander';
import { formatReport, FORMATS } from '../report/formats/index.ts';
import type { FormatId, Report, Screen } from '../report/report.ts';
import type { Io } from './io.ts';
import { stylesFor, write } from './output.ts';
import type { SourceOptions } from './input/source-options.ts';
import { VERSION } from './version.ts';

/** What `-o` takes where a report is printed. */
export const REPORT_FORMATS: readonly FormatId[] = FORMATS.map(({ id }) => id);

/** Columns a screen is laid out for when nobody says how wide it is, at most, and at least. */
const [DEFAULT_WIDTH, MOST_WIDTH, LEAST_WIDTH] = [100, 120, 40];

/** Prints a report on stdout; `invocation` is how it was asked for, for the commands it suggests. */
export async function printReport(
  report: Report,
  format: FormatId,
  { program, io, invocation }: { readonly program: Command; readonly io: Io; readonly invocation: string },
): Promise<void> {
  const text = formatReport(report, format, {
    calledAs: program.name(),
    version: VERSION,
    ...screenOf(io, program),
    invocation,
  });
  await write(io.stdout, text);
}

/** Colours and columns of the screen a command prints on. */
export function screenOf(io: Io, program: Command, stream: Io['stdout'] | Io['stderr'] = io.stdout): Screen {
  return { paint: stylesFor(io, stream, program.opts<{ color?: string }>().color), width: widthOf(io) };
}

/** Columns to lay out for: those of the terminal, else what COLUMNS says, within bounds. */
function widthOf({ stdout, env }: Io): number {
  const columns = stdout.columns ?? (Number(env['COLUMNS']) || DEFAULT_WIDTH);
  return Math.min(Math.max(columns, LEAST_WIDTH), MOST_WIDTH);
}

/** A command line that asks the same again, so far as the source goes; other flags follow as given. */
export function invocationOf(command: string, options: SourceOptions, more: readonly string[] = []): string {
  const { filename = [], snapshot, lab, context, unreadable, with: recorded = [] } = options;
  return [
    command,
    ...filename.map((file) => `-f ${quoted(file)}`),
    ...(snapshot === undefined ? [] : [`--snapshot ${quoted(snapshot)}`]),
    ...(lab === true ? ['--lab'] : []),
    ...(context === undefined ? [] : [`--context ${quoted(context)}`]),
    ...recorded.map((file) => `--with ${quoted(file)}`),
    ...(unreadable === undefined || unreadable.length === 0 ? [] : [`--unreadable ${quoted(unreadable.join(','))}`]),
    ...more,
  ].join(' ');
}

/** An argument as a POSIX shell takes it. */
export function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}
