import type { Command, Option } from 'commander';
import { SeaworthyError } from '../../model/errors.ts';
import type { Io } from '../io.ts';
import { loadConfiguration } from './load.ts';
import { SETTABLE } from './schema.ts';

/** The environment variable of a flag: `SEAWORTHY_FAIL_ON` of `--fail-on`. */
export function variableOf(flag: string): string {
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
      const given = io.env[variableOf(name)];
      if (given !== undefined && given !== '') set(at, option, given, variableOf(name));
      else if (flags[name] !== undefined) set(at, option, flags[name], file ?? '');
    }
  }
}

function set(command: Command, option: Option, given: unknown, from: string): void {
  const values = Array.isArray(given) ? given.map(String) : [given];
  const parse = option.parseArg;
  let value: unknown;
  for (const one of values) {
    try {
      if (option.isBoolean()) value = one === true || one === 'true' || one === '1';
      else value = parse ? parse(String(one), value as never) : String(one);
    } catch (thrown) {
      const says = thrown instanceof Error ? thrown.message : String(thrown);
      throw new SeaworthyError('SW_CONFIG_INVALID', `${from} sets ${option.long} to ${String(one)}: ${says}`, {
        hint: `It takes what the flag ${option.long} takes.`,
      });
    }
  }
  command.setOptionValueWithSource(option.attributeName(), value, 'config');
}
