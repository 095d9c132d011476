import type { Command } from 'commander';
import type { PeerQuery } from '../../analysis/network/index.ts';
import { SeaworthyError } from '../../model/errors.ts';
import { nearest } from '../../model/suggest.ts';
import type { Io } from '../io.ts';
import { write } from '../output.ts';
import { invocationOf } from '../print-report.ts';
import { parsePeer, parseTarget } from '../reach/arguments.ts';
import { answer } from '../reach/answer.ts';
import { registerDiff } from '../reach/diff-command.ts';
import { registerLint, RESULT_FORMATS } from '../reach/lint-command.ts';
import { list, type ListOptions } from '../reach/list.ts';
import { addReachOptions, inOwnFormat, openNetwork } from '../reach/options.ts';
import { reachPage } from '../../report/reach/page.ts';
import { registerProbe } from '../reach/probe-command.ts';
import { registerSynthesize } from '../reach/synthesize-command.ts';
import { sayWhatNext } from '../reach/what-next.ts';
import { registerDepends, registerExposure, registerIsolate } from '../reach/what-if-commands.ts';
import { VERSION } from '../version.ts';

/** What a list or an answer is printed as. */
const FORMATS = ['table', 'wide', 'json', 'yaml', 'csv', 'markdown', 'dot', 'svg', 'html'];

/** `reach`: who can reach whom; with subcommands for what changes, what is doubtful, and what packets say. */
export function registerReach(program: Command, io: Io): void {
  const command = program
    .command('reach')
    .description('who can reach whom')
    .argument('[from]', 'ns/name, ns/, internet, a CIDR or svc/ns/name')
    .argument('[to]', 'the same, with :PORT or :PORT/PROTOCOL to ask about one port');
  addReachOptions(command, [...new Set([...FORMATS, ...RESULT_FORMATS])])
    .option('--compressed', 'list peers that are alike once, as sets (default: above a million connections)')
    .option('--no-compressed', 'list every connection by itself, however many');
  command.action(async (from: string | undefined, to: string | undefined) => {
    const options = inOwnFormat(command, command.opts<ListOptions>(), FORMATS);
    // Both ends are read before the source is: a slip of the pen should not cost a minute.
    const source = from === undefined ? undefined : parseSource(from, command);
    const target = to === undefined ? undefined : parseTarget(to);
    if (source && options.output === 'html') throw wholeOnly();
    const opened = await openNetwork(options, io);
    if (options.output === 'html') {
      const asked = { calledAs: program.name(), version: VERSION, invocation: invocationOf('reach', options) };
      const next = [
        {
          command: `${program.name()} ${invocationOf('reach lint', options)}`,
          why: 'Policies that do nothing, or too much.',
        },
        {
          command: `${program.name()} reach probe`,
          why: 'Ask the running cluster whether it does what its policies say.',
        },
      ];
      await write(io.stdout, reachPage(opened, asked, next));
    } else if (source && target) await answer(io, options, opened, { from: from ?? '', to: to ?? '', source, target });
    else {
      await list(io, options, opened, source);
      if (['table', 'wide'].includes(options.output)) sayWhatNext(io, program, options, opened.analysis);
    }
  });
  registerDiff(command, io);
  registerLint(command, io);
  registerExposure(command, io);
  registerDepends(command, io);
  registerIsolate(command, io);
  registerSynthesize(command, io);
  registerProbe(command, io);
}

function wholeOnly(): SeaworthyError {
  return new SeaworthyError('SW_USAGE', 'a page shows who reaches whom, all of it', {
    hint: 'Leave the arguments out and choose a workload on the page, or use -o table, json, csv or markdown.',
  });
}

/** One end of a question, or the subcommand whose name was misspelt. Throws SW_REACH_PEER_INVALID. */
function parseSource(from: string, command: Command): PeerQuery {
  const meant =
    /^[a-z]+$/.test(from) && from !== 'internet'
      ? nearest(
          from,
          command.commands.map((one) => one.name()),
        )
      : undefined;
  if (meant === undefined) return parsePeer(from);
  throw new SeaworthyError('SW_REACH_PEER_INVALID', `${JSON.stringify(from)} names no peer and no command`, {
    hint: `Did you mean reach ${meant}?`,
  });
}
