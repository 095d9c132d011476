import { Command, CommanderError, Option } from 'commander';
import pc from 'picocolors';
import { formatPosition, SeaworthyError } from '../model/errors.ts';
import { registerCommands } from './commands/index.ts';
import { applySettings } from './config/settings.ts';
import { addFirstScreens, configureHelp } from './help/help.ts';
import type { Io } from './io.ts';
import { VERSION } from './version.ts';

/** Runs one command line (without node and script name) and returns the exit status. Never throws. */
export async function run(args: readonly string[], io: Io, calledAs = 'seaworthy'): Promise<number> {
  const program = new Command(calledAs)
    .version(VERSION)
    .addOption(new Option('--color <when>', 'colour the output').choices(['auto', 'always', 'never']).default('auto'))
    .exitOverride()
    .configureOutput({
      writeOut: (s) => void io.stdout.write(s),
      writeErr: (s) => void io.stderr.write(s),
    });
  configureHelp(program);
  await registerCommands(program, io, args);
  addFirstScreens(program);
  program.hook('preAction', (_, command) => applySettings(command, io));
  try {
    await program.parseAsync(args, { from: 'user' });
    return io.exitCode;
  } catch (thrown) {
    return report(thrown, io, calledAs);
  }
}

function report(thrown: unknown, io: Io, calledAs: string): number {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2;
  if (io.signal.aborted) {
    io.stderr.write('interrupted\n');
    return 130;
  }
  if (thrown instanceof SeaworthyError) {
    io.stderr.write(`error ${thrown.code}: ${thrown.message}\n`);
    if (thrown.at) io.stderr.write(`  at ${formatPosition(thrown.at)}\n`);
    if (thrown.hint !== undefined) io.stderr.write(`  hint: ${thrown.hint}\n`);
    io.stderr.write(`  more: ${calledAs} explain ${thrown.code}\n`);
    return thrown.exit;
  }
  const error = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  io.stderr.write(`${pc.red('error SW_INTERNAL')}: a defect in seaworthy\n${error}\n`);
  return 2;
}
