import type { Command, Option } from 'commander';
import { SeaworthyError } from '../../model/errors.ts';
import type { Io } from '../io.ts';
import { loadConfiguration } from './load.ts';
import { OwnConfigurationSchema, SETTABLE } from './schema.ts';

/** The environment variable of a flag: `SEAWORTHY_FAIL_ON` of `failOn`. */
function variableOf(flag: string): string {
  return `SEAWORTHY_${flag.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/**
 * Gives a command the flags that nobody wrote on its command line: from the environment, else from the configuration. A
 * command without such a flag is not concerned. Throws SW_CONFIG_INVALID for a value that the flag would not take.
 */
export function applySettings(command: Command, io: Pick<Io, 'cwd' | 'env'>): void {
  const { flags, file } = loadConfiguration(io);
  for (let at: Command | null = command; at; at = at.parent) {
    for (const option of at.options) {
      const name = option.attributeName();
      if (!SETTABLE.includes(name) || at.getOptionValueSource(name) === 'cli') continue;
      const written = io.env[variableOf(name)];
      if (written !== undefined && written !== '') set(at, option, fromEnvironment(name, written), variableOf(name));
      else if (flags[name] !== undefined) set(at, option, flags[name], file ?? '');
    }
  }
}

/** Reads a variable as the same field of a file would be: words between commas, numbers, true and false. */
function fromEnvironment(name: string, written: string): unknown {
  const words = written.split(',').map((word) => word.trim());
  const switched = { true: true, '1': true, false: false, '0': false }[written];
  const readings = [written, Number(written), switched, words];
  const field = OwnConfigurationSchema.shape[name as keyof typeof OwnConfigurationSchema.shape];
  const read = readings.find((one) => one !== undefined && field.safeParse(one).success);
  if (read !== undefined) return read;
  const [issue] = field.safeParse(written).error?.issues ?? [];
  throw invalid(variableOf(name), name, written, issue?.message ?? 'it does not fit');
}

function set(command: Command, option: Option, given: unknown, from: string): void {
  const name = option.attributeName();
  const values = Array.isArray(given) ? given.map(String) : [given];
  const { argChoices, parseArg } = option;
  // `-o` of some commands is a file, and no file is written because a configuration says so.
  if (name === 'output' && !argChoices) return;
  if (argChoices) {
    // Of several, or of what other commands take, the last (for thresholds: the least severe) that this one knows.
    const known = argChoices.filter((choice) => values.includes(choice)).at(-1);
    if (known !== undefined) command.setOptionValueWithSource(name, known, 'config');
    return;
  }
  let value: unknown;
  for (const one of values) {
    try {
      value = option.isBoolean() ? one : parseArg ? parseArg(String(one), value as never) : String(one);
    } catch (thrown) {
      throw invalid(from, name, String(one), thrown instanceof Error ? thrown.message : String(thrown));
    }
  }
  command.setOptionValueWithSource(name, value, 'config');
}

function invalid(from: string, name: string, value: string, says: string): SeaworthyError {
  return new SeaworthyError('SW_CONFIG_INVALID', `${from} sets ${name} to ${value}: ${says}`, {
    hint: `It takes what the flag of that name takes.`,
  });
}
