import type { Command } from 'commander';
import { formatPeer } from '../../analysis/network/answers/report.ts';
import type { NetworkAnalysis } from '../../analysis/network/index.ts';
import { formatRef } from '../../model/object.ts';
import { compare } from '../../model/order.ts';
import { nextPart } from '../../report/screen/parts.ts';
import { plural } from '../../report/wording.ts';
import type { Io } from '../io.ts';
import { invocationOf, screenOf } from '../print-report.ts';
import type { ReachOptions } from './options.ts';

/** Workloads named; the others are counted. */
const MOST_NAMES = 5;

/** Says below a list, on stderr, what is let in from outside and by what, and which command helps most now. */
export function sayWhatNext(io: Io, program: Command, options: ReachOptions, analysis: NetworkAnalysis): void {
  const exposed = exposedWorkloads(analysis);
  if (exposed.length > 0) {
    const names = exposed.slice(0, MOST_NAMES).join(', ');
    const more = exposed.length > MOST_NAMES ? `, and ${exposed.length - MOST_NAMES} more` : '';
    io.stderr.write(`${plural(exposed.length, 'workload')} let in from outside: ${names}${more}\n`);
  }
  const lint = `${program.name()} ${invocationOf('reach lint', options)}`;
  io.stderr.write(nextPart(lint, 'policies that do nothing, or too much', screenOf(io, program, io.stderr)));
}

/** Workloads to which a Service, a route or a port of a node leads from outside, and policies let it, each with the first that does. */
function exposedWorkloads(analysis: NetworkAnalysis): readonly string[] {
  const open = new Map<string, string>();
  for (const { workload, via, by, verdict } of analysis.exposures()) {
    const name = formatPeer({ kind: 'workload', ref: workload });
    if (verdict === 'allowed' && !open.has(name)) open.set(name, `${name} (${via}, ${formatRef(by)})`);
  }
  return [...open.values()].sort(compare);
}
