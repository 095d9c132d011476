import { Option, type Command } from 'commander';
import { diffNetworks, type ExplainedChange, type NetworkState } from '../../analysis/network/diff/diff.ts';
import { exposureChanges } from '../../analysis/network/diff/exposures.ts';
import { analyseNetwork, formatPorts, type ProfileName } from '../../analysis/network/index.ts';
import { isEmpty } from '../../analysis/network/ports/ports.ts';
import { formatPeer } from '../../analysis/network/answers/report.ts';
import { API_VERSION } from '../../model/api-version.ts';
import { formatRef } from '../../model/object.ts';
import type { Io } from '../io.ts';
import { printDocument, write, type OutputFormat } from '../output.ts';
import { openOther } from '../input/other-source.ts';
import { formatDot, type DrawnConnection } from '../../report/reach/dot.ts';
import { formatRows } from '../../report/rows.ts';
import { formatSvg } from '../../report/reach/svg.ts';
import { inParts, printLongDocument } from './long-document.ts';
import { addReachOptions, inOwnFormat, openNetwork, reportDoubts, type ReachOptions } from './options.ts';

interface DiffOptions extends ReachOptions {
  readonly against: string;
  readonly failOn?: 'opened';
  readonly failOnIncomplete?: boolean;
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
  command.option('--fail-on-incomplete', 'exit 3 when what was not read, or is not valid, may open or close more');
  command.action(async () => {
    // `reach` itself has the same flags and takes those it sees first, so both sets count.
    const options = inOwnFormat(command, command.optsWithGlobals<DiffOptions>());
    const now = await openNetwork(options, io);
    const { profile } = now.analysis;
    const old = await openOld(options, io, profile);
    const exposures = exposureChanges(old, now);
    let opening = exposures.filter(({ opens }) => opens).length;
    const counted = function* (): Generator<ExplainedChange> {
      for (const change of diffNetworks(old, now)) {
        if (change.opens) opening++;
        yield change;
      }
    };
    const settle = (): void => {
      if (options.failOn === 'opened' && opening > 0) io.exitCode = 1;
      else if (options.failOnIncomplete === true && [old, now].some(isIncomplete)) io.exitCode = 3;
    };
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
    if (options.output === 'json') {
      await printLongDocument(io, head, [['changes', inParts(counted().map(changeDocument))]]);
      return settle();
    }
    const changes = [...counted()];
    settle();
    const documents = changes.map(changeDocument);
    if (await printDocument(io, options.output as OutputFormat, { ...head, changes: documents })) return;
    await write(io.stdout, formatChanges(options.output, changes));
    for (const { workload, via, by, before, after } of exposures) {
      const [was, is] = [before, after].map((one) => (one ? `${one.ports} ${one.verdict}` : 'nothing'));
      io.stderr.write(`way in from outside: ${formatRef(by)} (${via}) to ${formatRef(workload)}: ${was} -> ${is}\n`);
    }
    for (const [when, { analysis }] of Object.entries({ before: old, after: now })) reportDoubts(io, analysis, when);
    io.stderr.write(`${opening} of ${changes.length + exposures.length} changes open something\n`);
    if (isIncomplete(now)) io.stderr.write('what is undecided afterwards may open more than is listed\n');
  });
}

async function openOld(options: DiffOptions, io: Io, profile: ProfileName): Promise<NetworkState> {
  const snapshot = await openOther(options.against, options, io);
  return { snapshot, analysis: analyseNetwork(snapshot, { profile }) };
}

/** Whether something is neither allowed nor denied for certain because of what was not read or is not valid. */
function isIncomplete({ analysis }: NetworkState): boolean {
  return analysis.gaps.length > 0 || analysis.policies.some(({ invalid }) => invalid);
}

function changeDocument({ change, from, to, before, after, opens, undecided, because }: ExplainedChange) {
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
    ...(undecided.length > 0 ? { undecided } : {}),
    because,
  };
}

/** In words, with a sign at the front for people: a spreadsheet would take that for a formula. */
function effect({ opens, undecided }: ExplainedChange, signed: boolean): string {
  if (!opens && undecided.includes('after')) return signed ? '? may close' : 'may close';
  return opens ? (signed ? '+ opens' : 'opens') : signed ? '- closes' : 'closes';
}

function formatChanges(format: string, changes: readonly ExplainedChange[]): string {
  if (format === 'dot') return formatDot(changes.map(drawn));
  if (format === 'svg') return formatSvg(changes.map(drawn));
  const rows = changes.map((change) => [
    effect(change, format !== 'csv'),
    formatPeer(change.from),
    formatPeer(change.to),
    known(change, 'before'),
    known(change, 'after'),
    change.because.map(({ says }) => says).join('; '),
  ]);
  return formatRows(format, ['change', 'from', 'to', 'before', 'after', 'because'], rows);
}

/** The ports that are open for certain. */
function known(change: ExplainedChange, when: 'before' | 'after'): string {
  const ports = change[when];
  if (!change.undecided.includes(when)) return formatPorts(ports);
  return isEmpty(ports) ? 'not known' : `${formatPorts(ports)}, others not known`;
}

function drawn({ from, to, before, after, opens }: ExplainedChange): DrawnConnection {
  return {
    from: formatPeer(from),
    to: formatPeer(to),
    ports: `${opens ? '+' : '-'} ${formatPorts(before)} → ${formatPorts(after)}`,
    mark: opens ? 'opened' : 'closed',
  };
}
