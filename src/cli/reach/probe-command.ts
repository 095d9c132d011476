import { randomInt } from 'node:crypto';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { analyseNetwork } from '../../analysis/network/index.ts';
import { planProbes, type ProbePlan } from '../../analysis/network/probe-plan/plan.ts';
import type { ClusterClient } from '../../cluster/types.ts';
import { stateDirectory } from '../../experiments/journal/local-journal.ts';
import { createPodProber } from '../../experiments/probes/transport.ts';
import { runCanary } from '../../experiments/reach-probe/canary.ts';
import { FEATURE_IDS } from '../../experiments/reach-probe/features.ts';
import { DEFAULT_IMAGES, kitOf } from '../../experiments/reach-probe/kits.ts';
import { probeWorkloads } from '../../experiments/reach-probe/probe-workloads.ts';
import { createSession } from '../../experiments/session.ts';
import { systemClock } from '../../experiments/system.ts';
import { API_VERSION } from '../../model/api-version.ts';
import { SeaworthyError } from '../../model/errors.ts';
import {
  countAgreement,
  formatProbe,
  probeSummary,
  type CanaryReport,
  type WorkloadsReport,
} from '../../report/reach/probe-report.ts';
import { formatRows } from '../../report/rows.ts';
import { readCluster } from '../../sources/live.ts';
import type { Io } from '../io.ts';
import { printDocument, write, type OutputFormat } from '../output.ts';
import { openCluster } from '../input/source-options.ts';
import { parseProfile } from './arguments.ts';
import { addReachOptions, inOwnFormat, openNetwork, profileFor, type ReachOptions } from './options.ts';

interface ProbeOptions extends ReachOptions {
  readonly canary?: boolean;
  readonly plan?: boolean;
  readonly image?: string;
  readonly maxCells: number;
  readonly maxNodes: number;
  readonly only?: readonly string[];
  readonly failOn?: 'disagreement';
}

/** Processes started in pods at a time: each takes a moment of its node, and a late answer looks like none. */
const EXEC_SESSIONS = 4;

/** Longest time anything a canary makes may last. */
const TTL_MS = 600_000;

/** `reach probe`: does the cluster enforce what the policies say. */
export function registerProbe(reach: Command, io: Io): void {
  const count = (value: string): number => {
    if (!/^[1-9]\d*$/.test(value)) throw new InvalidArgumentError('Give a whole number above 0.');
    return Number(value);
  };
  const command = reach.command('probe').description('does the cluster enforce what the policies say');
  addReachOptions(command, ['table', 'wide', 'json', 'yaml', 'csv', 'markdown'])
    .option('--canary', 'try enforcement itself, with servers and clients in a namespace of its own')
    .option('--plan', 'show the connections that would be tried; opens none')
    .option('--image <name>', 'image of the canary (default: the toolbox in the lab, agnhost elsewhere)')
    .option('--max-cells <n>', 'most connections to try', count, 200)
    .option('--max-nodes <n>', 'most nodes on which the canary runs', count, 10)
    .addOption(
      new Option('--only <features>', `features the canary tries, of ${FEATURE_IDS.join(', ')}`).argParser(features),
    )
    .addOption(new Option('--fail-on <what>', 'exit 1 when packets refute a prediction').choices(['disagreement']));
  command.action(async () => {
    const options = inOwnFormat(command, command.optsWithGlobals<ProbeOptions>());
    if (options.plan === true) return showPlan(options, io);
    if (options.filename || options.snapshot !== undefined)
      throw new SeaworthyError('SW_PROBE_NEEDS_CLUSTER', 'files and snapshots have no pods to open connections from', {
        hint: 'Leave -f and --snapshot out to use the cluster of the kubeconfig, or use --lab; --plan shows what would be tried.',
      });
    const client = openCluster(options, io);
    try {
      const report = options.canary === true ? await canary(client, options, io) : await workloads(client, options, io);
      if (options.failOn !== undefined && report.summary.disagree > 0) io.exitCode = 1;
      if (await printDocument(io, options.output as OutputFormat, report)) return;
      await write(io.stdout, formatProbe(report, options.output));
      for (const says of probeSummary(report)) io.stderr.write(`${says}\n`);
    } finally {
      client.close();
    }
  });
}

function features(value: string): readonly string[] {
  const asked = value.split(',');
  const strange = asked.find((id) => !FEATURE_IDS.includes(id));
  if (strange !== undefined) throw new InvalidArgumentError(`${strange} is none of them.`);
  return asked;
}

async function showPlan(options: ProbeOptions, io: Io): Promise<void> {
  const { snapshot, analysis } = await openNetwork(options, io);
  const plan = planProbes(snapshot, analysis, { maxCells: options.maxCells });
  const cells = plan.cells.map(({ from, to, port, protocol, predicted, via, placement, says }) => ({
    from: from.workload.id,
    to: to.workload.id,
    port,
    protocol,
    predicted,
    via: via.kind === 'pod' ? 'pod' : via.service,
    placement,
    says,
  }));
  const { boundaries, leftOut } = plan;
  const document = {
    apiVersion: API_VERSION,
    kind: 'ProbePlan',
    profile: analysis.profile,
    boundaries,
    cells,
    leftOut,
  };
  if (await printDocument(io, options.output as OutputFormat, document)) return;
  await write(
    io.stdout,
    formatRows(
      options.output,
      ['from', 'to', 'port', 'predicted', 'via', 'placement', 'because'],
      cells.map((cell) => [
        cell.from,
        cell.to,
        `${cell.port}/${cell.protocol}`,
        cell.predicted,
        cell.via,
        cell.placement,
        cell.says,
      ]),
    ),
  );
  sayLeftOut(plan, io);
}

async function workloads(client: ClusterClient, options: ProbeOptions, io: Io): Promise<WorkloadsReport> {
  const snapshot = await readCluster(client, { now: io.now, signal: io.signal });
  const analysis = analyseNetwork(snapshot, { profile: profileFor(parseProfile(options.profile), snapshot) });
  const plan = planProbes(snapshot, analysis, { maxCells: options.maxCells });
  const pods = new Set(plan.cells.map(({ from }) => from));
  const namespaces = [...new Set([...pods].map(({ workload }) => workload.namespace))].sort();
  io.stderr.write(
    `context ${client.context}: ${plan.cells.length} connections from ${pods.size} pods of ${namespaces.join(', ') || 'no namespace'}\n`,
  );
  sayLeftOut(plan, io);
  const world = {
    cluster: client,
    prober: createPodProber(client, { now: io.now, concurrency: EXEC_SESSIONS }),
    clock: systemClock,
    signal: io.signal,
  };
  const { cells, findings } = await probeWorkloads(plan, analysis, world);
  return {
    apiVersion: API_VERSION,
    kind: 'ProbeReport',
    mode: 'workloads',
    profile: analysis.profile,
    context: client.context,
    cells,
    findings,
    summary: countAgreement(cells),
    boundaries: plan.boundaries,
    leftOut: plan.leftOut,
    problems: analysis.problems,
    undecided: analysis.gaps,
    coverage: snapshot.coverage,
  };
}

async function canary(client: ClusterClient, options: ProbeOptions, io: Io): Promise<CanaryReport> {
  const image = options.image ?? DEFAULT_IMAGES[options.lab === true ? 'lab' : 'cluster'];
  const asked = parseProfile(options.profile);
  io.stderr.write(
    `context ${client.context}: makes a namespace seaworthy-canary-… with pods of image ${image}, and removes it\n`,
  );
  const reread = () => readCluster(client, { now: io.now, signal: io.signal });
  const snapshot = await reread();
  const profile = profileFor(asked, snapshot);
  const { at } = createSession({
    cluster: client,
    clock: systemClock,
    snapshot,
    reread,
    signal: io.signal,
    seed: randomInt(2 ** 31),
    ttlMs: TTL_MS,
  });
  const { value, residue } = await runCanary(
    {
      kit: kitOf(image),
      profile,
      state: stateDirectory(io.env),
      maxNodes: options.maxNodes,
      ...(options.only ? { only: options.only } : {}),
      say: (text) => void io.stderr.write(`  ${text}\n`),
    },
    at,
  );
  if (residue.length > 0) io.exitCode = 3;
  const { cells, findings, ...more } = value;
  return {
    apiVersion: API_VERSION,
    kind: 'ProbeReport',
    mode: 'canary',
    profile,
    context: client.context,
    cells,
    findings,
    summary: countAgreement(cells),
    ...more,
    residue,
  };
}

function sayLeftOut({ leftOut }: ProbePlan, io: Io): void {
  for (const says of leftOut) io.stderr.write(`left out: ${says}\n`);
}
