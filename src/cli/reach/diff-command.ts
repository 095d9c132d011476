import { Option, type Command } from 'commander';
import { diffNetworks, type ExplainedChange, type NetworkState } from '../../analysis/network/diff/diff.ts';
import { exposureChanges } from '../../analysis/network/diff/exposures.ts';
import { analyseNetwork, formatPorts, type ProfileName } from '../../analysis/network/index.ts';
import { formatPeer } from '../../analysis/network/answers/report.ts';
import { formatRef } from '../../model/object.ts';
import type { Io } from '../io.ts';
import { printDocument, write, type OutputFormat } from '../output.ts';
import { openOther } from '../verify/other-source.ts';
import { formatDot, type DrawnConnection } from '../../report/reach/dot.ts';
import { formatRows } from '../../report/rows.ts';
import { formatSvg } from '../../report/reach/svg.ts';
import { inParts, printLongDocument } from './long-document.ts';
import { addReachOptions, API_VERSION, inOwnFormat, openNetwork, type ReachOptions } from './options.ts';

interface DiffOptions extends ReachOptions {
  readonly against: string;
  readonly failOn?: 'opened';
}

/** `reach diff`: what a change opens and closes, and which edit did it. */
export function registerDiff(reach: Command, io: Io): void {
  const command = reach
    .command('diff')
    .description('what a change opens and closes')
    .requiredOption('--against <source>', 'the state before: manifests, a saved snapshot, or a git revision');
  addReachOptions(command, ['table', 'wide', 'json', 'yaml', 'csv', 'markdown', 'dot', 'svg']);
  command.addOption(
    new Option('--fail-on <what>', 'exit 1 when a connection or a way in from outside is opened').choices(['opened']),
  );
  command.action(async () => {
    // `reach` itself has the same flags and takes those it sees first, so both sets count.
    const options = inOwnFormat(command, command.optsWithGlobals<DiffOptions>());
    const now = await openNetwork(options, io);
    const { profile } = now.analysis;
    const old = await openOld(options, io, profile);
    const changes = [...diffNetworks(old, now)];
    const exposures = exposureChanges(old, now);
    const opening = [...changes, ...exposures].filter(({ opens }) => opens).length;
    if (options.failOn === 'opened' && opening > 0) io.exitCode = 1;
    const head = {
      apiVersion: API_VERSION,
      kind: 'ReachDiff',
      profile,
      exposures: exposures.map((one) => ({
        ...one,
        workload: formatPeer({ kind: 'workload', ref: one.workload }),
        by: formatRef(one.by),
      })),
      problems: { before: old.analysis.problems, after: now.analysis.problems },
      undecided: { before: old.analysis.gaps, after: now.analysis.gaps },
    };
    const documents = changes.map(changeDocument);
    if (options.output === 'json') return printLongDocument(io, head, [['changes', inParts(documents)]]);
    if (await printDocument(io, options.output as OutputFormat, { ...head, changes: documents })) return;
    await write(io.stdout, formatChanges(options.output, changes));
    for (const { workload, via, by, before, after } of exposures) {
      const [was, is] = [before, after].map((one) => (one ? `${one.ports} ${one.verdict}` : 'nothing'));
      io.stderr.write(`way in from outside: ${formatRef(by)} (${via}) to ${formatRef(workload)}: ${was} -> ${is}\n`);
    }
    io.stderr.write(`${opening} of ${changes.length + exposures.length} changes open something\n`);
  });
}

async function openOld(options: DiffOptions, io: Io, profile: ProfileName): Promise<NetworkState> {
  const snapshot = await openOther(options.against, options, io);
  return { snapshot, analysis: analyseNetwork(snapshot, { profile }) };
}

function changeDocument({ change, from, to, before, after, opens, because }: ExplainedChange) {
  const ports = (set: ExplainedChange['before']): string | null => {
    const text = formatPorts(set);
    return text === 'No Connections' ? null : text;
  };
  return {
    change,
    from: formatPeer(from),
    to: formatPeer(to),
    before: ports(before),
    after: ports(after),
    opens,
    because,
  };
}

function formatChanges(format: string, changes: readonly ExplainedChange[]): string {
  if (format === 'dot') return formatDot(changes.map(drawn));
  if (format === 'svg') return formatSvg(changes.map(drawn));
  const rows = changes.map((change) => [
    // A sign at the front is for people: a spreadsheet takes it for a formula.
    format === 'csv' ? (change.opens ? 'opens' : 'closes') : change.opens ? '+ opens' : '- closes',
    formatPeer(change.from),
    formatPeer(change.to),
    formatPorts(change.before),
    formatPorts(change.after),
    change.because.map(({ says }) => says).join('; '),
  ]);
  return formatRows(format, ['change', 'from', 'to', 'before', 'after', 'because'], rows);
}

function drawn({ from, to, before, after, opens }: ExplainedChange): DrawnConnection {
  return {
    from: formatPeer(from),
    to: formatPeer(to),
    ports: `${opens ? '+' : '-'} ${formatPorts(before)} → ${formatPorts(after)}`,
    mark: opens ? 'opened' : 'closed',
  };
}
