import type { Command } from 'commander';
import type { Io } from '../io.ts';
import { parsePeer, parseTarget } from '../reach/arguments.ts';
import { answer } from '../reach/answer.ts';
import { registerDiff } from '../reach/diff-command.ts';
import { registerLint } from '../reach/lint-command.ts';
import { list } from '../reach/list.ts';
import { addReachOptions, openNetwork, type ReachOptions } from '../reach/options.ts';
import { registerProbe } from '../reach/probe-command.ts';
import { registerSynthesize } from '../reach/synthesize-command.ts';
import { registerDepends, registerExposure, registerIsolate } from '../reach/what-if-commands.ts';

interface ListOptions extends ReachOptions {
  readonly compressed?: boolean;
}

/** `reach`: who can reach whom; with subcommands for what changes, what is doubtful, and what packets say. */
export function registerReach(program: Command, io: Io): void {
  const command = program
    .command('reach')
    .description('who can reach whom')
    .argument('[from]', 'ns/name, ns/, internet, a CIDR or svc/ns/name')
    .argument('[to]', 'the same, with :PORT or :PORT/PROTOCOL to ask about one port');
  addReachOptions(command, ['table', 'wide', 'json', 'yaml', 'csv', 'markdown', 'dot', 'svg']).option(
    '--compressed',
    'list peers that are alike once, as sets',
  );
  command.action(async (from: string | undefined, to: string | undefined, options: ListOptions) => {
    // Both ends are read before the source is: a slip of the pen should not cost a minute.
    const source = from === undefined ? undefined : parsePeer(from);
    const target = to === undefined ? undefined : parseTarget(to);
    const opened = await openNetwork(options, io);
    if (source && target) await answer(io, options, opened, { from: from ?? '', to: to ?? '', source, target });
    else await list(io, options, opened, source);
  });
  registerDiff(command, io);
  registerLint(command, io);
  registerExposure(command, io);
  registerDepends(command, io);
  registerIsolate(command, io);
  registerSynthesize(command, io);
  registerProbe(command, io);
}
