import type { Command } from 'commander';
import { formatPeer } from '../../analysis/network/answers/report.ts';
import type { NetworkAnalysis } from '../../analysis/network/index.ts';
import { compare } from '../../model/order.ts';
import { nextPart } from '../../report/screen/parts.ts';
import { plural } from '../../report/wording.ts';
import type { Io } from '../io.ts';
import { invocationOf, screenOf } from '../print-report.ts';
import type { ReachOptions } from './options.ts';

/** Workloads named; the others are counted. */
const MOST_NAMES = 5;

/** Says below a list, on stderr, what is let in from outside, and which command helps most now. */
export function sayWhatNext(io: Io, program: Command, options: ReachOptions, analysis: NetworkAnalysis): void {
  const ask = (command: string): string => `${program.name()} ${invocationOf(command, options)}`;
  const exposed = exposedWorkloads(analysis);
  if (exposed.length > 0) {
    const names = exposed.slice(0, MOST_NAMES).join(', ');
    const more = exposed.length > MOST_NAMES ? `, and ${exposed.length - MOST_NAMES} more` : '';
    io.stderr.write(
      `${plural(exposed.length, 'workload')} let in from outside: ${names}${more}; how: ${ask('reach exposure')}\n`,
    );
  }
  const screen = screenOf(io, program, io.stderr);
  io.stderr.write(nextPart(ask('reach lint'), 'policies that do nothing, or too much', screen));
}

/** Workloads to which a Service, a route or a port of a node leads from outside, and policies let it. */
function exposedWorkloads(analysis: NetworkAnalysis): readonly string[] {
  const open = analysis.exposures().filter(({ verdict }) => verdict === 'allowed');
  return [...new Set(open.map(({ workload }) => formatPeer({ kind: 'workload', ref: workload })))].sort(compare);
}
