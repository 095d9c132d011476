import { Option, type Command } from 'commander';
import { diffNetworks, type ReachChange } from '../../analysis/network/diff.ts';
import {
  analyseNetwork,
  formatPorts,
  type NetworkAnalysis,
  type Peer,
  type PeerQuery,
  type ProfileName,
  type ReachAnswer,
} from '../../analysis/network/index.ts';
import { LINTS, runLints } from '../../analysis/network/lint/index.ts';
import { formatPeer, listed, type ListedConnection } from '../../analysis/network/report.ts';
import { formatPosition, SeaworthyError } from '../../model/errors.ts';
import { formatRef } from '../../model/object.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Io } from '../io.ts';
import { formatTable, printDocument, write, type OutputFormat } from '../output.ts';
import { parsePeer, parseProfile, parseTarget } from '../reach/arguments.ts';
import { registerProbe } from '../reach/probe-command.ts';
import { formatCsv, formatDot, formatMarkdown, formatSvg } from '../reach/formats.ts';
import { addSourceOptions, openSource, type SourceOptions } from '../source-options.ts';

const API_VERSION = 'seaworthy.dev/v1alpha1';

interface ReachOptions extends SourceOptions {
  readonly output: string;
  readonly profile: string;
}

interface DiffOptions extends ReachOptions {
  readonly against: string;
  readonly failOn?: 'opened';
}

/** `reach`: who can reach whom; `reach diff`: what a change opens and closes. */
export function registerReach(program: Command, io: Io): void {
  const command = program
    .command('reach')
    .description('who can reach whom')
    .argument('[from]', 'ns/name, ns/, internet, a CIDR or svc/ns/name')
    .argument('[to]', 'the same, with :PORT or :PORT/PROTOCOL to ask about one port');
  addReachOptions(command, ['table', 'wide', 'json', 'yaml', 'csv', 'markdown', 'dot', 'svg']);
  command.action(async (from: string | undefined, to: string | undefined, options: ReachOptions) => {
    const profile = parseProfile(options.profile);
    const source = from === undefined ? undefined : parsePeer(from);
    const target = to === undefined ? undefined : parseTarget(to);
    const snapshot = await openSource(options, io);
    const analysis = analyseNetwork(snapshot, { profile });
    if (source && target)
      await answer(io, options, snapshot, analysis, { from: from ?? '', to: to ?? '', source, target });
    else await list(io, options, snapshot, analysis, source);
  });
  registerDiff(command, io);
  registerLint(command, io);
  registerProbe(command, io);
}

function addReachOptions(command: Command, formats: readonly string[]): Command {
  return addSourceOptions(command)
    .addOption(new Option('-o, --output <format>', 'output format').choices(formats).default('table'))
    .option('--profile <name>', 'behaviour where the API leaves it to the implementation', 'kubernetes');
}

/** What every document of `reach` says about its basis. */
function basis(snapshot: Snapshot, analysis: NetworkAnalysis) {
  return {
    profile: analysis.profile,
    problems: analysis.problems,
    undecided: analysis.gaps,
    coverage: snapshot.coverage,
    findings: snapshot.findings,
  };
}

async function list(
  io: Io,
  options: ReachOptions,
  snapshot: Snapshot,
  analysis: NetworkAnalysis,
  from: PeerQuery | undefined,
): Promise<void> {
  const connections = listed(analysis.connections(from ? { from: matcher(from) } : {}));
  const document = {
    apiVersion: API_VERSION,
    kind: 'ReachReport',
    ...basis(snapshot, analysis),
    exposures: analysis.exposures().map(exposureDocument),
    connections,
  };
  if (await printDocument(io, options.output as OutputFormat, document)) return;
  await write(io.stdout, formatConnections(options.output, connections));
  reportBasis(io, snapshot, analysis);
  io.stderr.write(
    `${connections.length} connections of ${analysis.workloads.length} workloads, profile ${analysis.profile}\n`,
  );
}

function formatConnections(format: string, connections: readonly ListedConnection[]): string {
  const rows = connections.map(({ from, to, ports }) => [from, to, ports]);
  switch (format) {
    case 'csv':
      return formatCsv(['from', 'to', 'ports'], rows);
    case 'markdown':
      return formatMarkdown(['From', 'To', 'Ports'], rows);
    case 'dot':
      return formatDot(connections);
    case 'svg':
      return formatSvg(connections);
    default:
      return formatTable(['FROM', 'TO', 'PORTS'], rows);
  }
}

function exposureDocument({ workload, ports, ...rest }: ReturnType<NetworkAnalysis['exposures']>[number]) {
  return { workload: formatPeer({ kind: 'workload', ref: workload }), ports: formatPorts(ports), ...rest };
}

interface Question {
  readonly from: string;
  readonly to: string;
  readonly source: PeerQuery;
  readonly target: ReturnType<typeof parseTarget>;
}

async function answer(
  io: Io,
  options: ReachOptions,
  snapshot: Snapshot,
  analysis: NetworkAnalysis,
  question: Question,
): Promise<void> {
  const { source, target } = question;
  for (const end of [source, target.peer]) {
    const missing = analysis.missing(end);
    // Something that was not readable may exist: that is an answer (`unknown`), not a mistake of the person who asks.
    if (missing?.kind === 'absence')
      throw new SeaworthyError('SW_REACH_PEER_NOT_FOUND', missing.says, {
        hint: "'reach' without arguments lists what there is.",
      });
  }
  const found = analysis.query(source, target.peer, target.port);
  const document = {
    apiVersion: API_VERSION,
    kind: 'ReachReport',
    from: question.from,
    to: question.to,
    verdict: found.verdict,
    ports: formatPorts(found.ports),
    everyPair: formatPorts(found.everyPair),
    because: found.because,
    ...basis(snapshot, analysis),
  };
  if (await printDocument(io, options.output as OutputFormat, document)) return;
  await write(io.stdout, formatAnswer(question, found));
  reportBasis(io, snapshot, analysis);
}

function formatAnswer({ from, to, target }: Question, { verdict, ports, everyPair, because }: ReachAnswer): string {
  const lines = [`${from} -> ${to}  ${verdict}`];
  if (verdict === 'allowed' && !target.port) lines.push(`  ports: ${formatPorts(ports)}`);
  if (verdict === 'allowed' && formatPorts(ports) !== formatPorts(everyPair))
    lines.push(`  not for every pod: all pairs have ${formatPorts(everyPair)}`);
  for (const reason of because)
    lines.push(
      `  because ${reason.says}${reason.kind === 'field' && reason.at ? ` (${formatPosition(reason.at)})` : ''}`,
    );
  return `${lines.join('\n')}\n`;
}

function reportBasis(io: Io, snapshot: Snapshot, analysis: NetworkAnalysis): void {
  const say = (text: string): void => void io.stderr.write(`${text}\n`);
  for (const { code, object, path, message, hint, at } of analysis.problems) {
    say(`problem ${code}: ${formatRef(object)} ${path}: ${message}${at ? ` (${formatPosition(at)})` : ''}`);
    say(`  hint: ${hint}`);
  }
  for (const { code, message, at } of snapshot.findings)
    say(`input ${code}: ${message}${at ? ` (${formatPosition(at)})` : ''}`);
  for (const { says } of analysis.gaps) say(`undecided: ${says}`);
}

/** Whether a peer is one of those a question names. */
function matcher(query: PeerQuery): (peer: Peer) => boolean {
  switch (query.kind) {
    case 'workload':
      return (peer) =>
        peer.kind === 'workload' && peer.ref.namespace === query.namespace && peer.ref.name === query.name;
    case 'namespace':
      return (peer) => peer.kind === 'workload' && peer.ref.namespace === query.namespace;
    case 'internet':
    case 'cidr':
      return (peer) => peer.kind === 'range';
    case 'service':
      throw new SeaworthyError('SW_REACH_PEER_INVALID', 'a Service opens no connections', {
        hint: 'Name the workload behind it, or ask with a second argument.',
      });
  }
}

function registerDiff(reach: Command, io: Io): void {
  const command = reach
    .command('diff')
    .description('what a change opens and closes')
    .requiredOption('--against <path>', 'the state before: manifests or a saved snapshot');
  addReachOptions(command, ['table', 'json', 'yaml', 'csv', 'markdown']);
  command.addOption(new Option('--fail-on <what>', 'exit 1 when a connection is opened').choices(['opened']));
  command.action(async () => {
    // `reach` itself has the same flags and takes those it sees first, so both sets count.
    const options = command.optsWithGlobals<DiffOptions>();
    const profile = parseProfile(options.profile);
    const now = analyseNetwork(await openSource(options, io), { profile });
    const old = await analyseOld(options, io, profile);
    const changes = diffNetworks(old.analysis, now);
    const document = {
      apiVersion: API_VERSION,
      kind: 'ReachDiff',
      profile,
      changes: changes.map(changeDocument),
      problems: { before: old.analysis.problems, after: now.problems },
      undecided: { before: old.analysis.gaps, after: now.gaps },
    };
    if (options.failOn === 'opened' && changes.some(({ opens }) => opens)) io.exitCode = 1;
    if (await printDocument(io, options.output as OutputFormat, document)) return;
    await write(io.stdout, formatChanges(options.output, changes));
    io.stderr.write(`${changes.filter(({ opens }) => opens).length} of ${changes.length} changes open something\n`);
  });
}

async function analyseOld(
  options: DiffOptions,
  io: Io,
  profile: ProfileName,
): Promise<{ readonly analysis: NetworkAnalysis }> {
  const { filename: _now, snapshot: _snapshot, lab: _lab, against, ...rest } = options;
  const saved = /\.snapshot\.json(\.gz)?$/.test(against) ? { snapshot: against } : { filename: [against] };
  return { analysis: analyseNetwork(await openSource({ ...rest, ...saved }, io), { profile }) };
}

function changeDocument({ change, from, to, before, after, opens, because }: ReachChange) {
  const ports = (set: ReachChange['before']): string | null => {
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

function formatChanges(format: string, changes: readonly ReachChange[]): string {
  const rows = changes.map((change) => [
    change.opens ? '+ opens' : '- closes',
    formatPeer(change.from),
    formatPeer(change.to),
    formatPorts(change.before),
    formatPorts(change.after),
    change.because.map(({ says }) => says)[0] ?? '',
  ]);
  const heading = ['change', 'from', 'to', 'before', 'after', 'because'];
  if (format === 'csv') return formatCsv(heading, rows);
  if (format === 'markdown') return formatMarkdown(heading, rows);
  return formatTable(
    heading.map((name) => name.toUpperCase()),
    rows,
  );
}

function registerLint(reach: Command, io: Io): void {
  const command = reach.command('lint').description('policies without effect, dangling or dangerous');
  addReachOptions(command, ['table', 'json', 'yaml', 'csv', 'markdown']);
  command.action(async () => {
    const options = command.optsWithGlobals<ReachOptions>();
    const snapshot = await openSource(options, io);
    const analysis = analyseNetwork(snapshot, { profile: parseProfile(options.profile) });
    const results = runLints(LINTS, { snapshot, analysis });
    const document = {
      apiVersion: API_VERSION,
      kind: 'LintReport',
      results,
      problems: analysis.problems,
      coverage: snapshot.coverage,
    };
    if (await printDocument(io, options.output as OutputFormat, document)) return;
    const heading = ['severity', 'lint', 'policy', 'field', 'message', 'fix'];
    const rows = results.map(({ severity, lint, object, path, message, fix }) => [
      severity,
      lint,
      formatRef(object),
      path,
      message,
      fix,
    ]);
    if (options.output === 'csv') await write(io.stdout, formatCsv(heading, rows));
    else if (options.output === 'markdown') await write(io.stdout, formatMarkdown(heading, rows));
    else
      await write(
        io.stdout,
        formatTable(
          heading.map((name) => name.toUpperCase()),
          rows,
        ),
      );
    reportBasis(io, snapshot, analysis);
  });
}
