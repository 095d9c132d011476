import { Option, type Command } from 'commander';
import { provePaths, type ProofReport } from '../../analysis/attack/index.ts';
import { formatNode } from '../../analysis/attack/nodes.ts';
import { createPodProber } from '../../experiments/probes/transport.ts';
import { systemClock } from '../../experiments/system.ts';
import { API_VERSION } from '../../model/api-version.ts';
import { SeaworthyError } from '../../model/errors.ts';
import { proofReport } from '../../report/paths/proof-report.ts';
import { readCluster } from '../../sources/live.ts';
import type { Io } from '../io.ts';
import { printDocument, write } from '../output.ts';
import { invocationOf } from '../print-report.ts';
import { addSourceOptions, openCluster, readRecorded, type SourceOptions } from '../input/source-options.ts';
import { lookAtHops } from '../../experiments/probes/attack-hops/look-at-hop.ts';
import { formatPaths, PATHS_FORMATS } from './formats.ts';
import { noteUnknownNames } from './names.ts';
import { addQuestionOptions, asWritten, pairsOf, readQuestion, type QuestionOptions } from './questions.ts';

const FORMATS = ['table', 'json', 'yaml', ...PATHS_FORMATS] as const;

interface ProveOptions extends SourceOptions, QuestionOptions {
  readonly output: (typeof FORMATS)[number];
}

/** Processes started in pods at a time. */
const EXEC_SESSIONS = 4;

/** `paths prove`: which hops a live cluster confirms. */
export function registerProve(paths: Command, program: Command, io: Io): void {
  const command = paths
    .command('prove')
    .description(
      'which hops a live cluster confirms: access reviews, dry runs, single connections; nothing is exploited',
    );
  addSourceOptions(addQuestionOptions(command)).addOption(
    new Option('-o, --output <format>', 'output format').choices(FORMATS).default(FORMATS[0]),
  );
  command.action(async (_options: unknown, self: Command) => {
    const options: ProveOptions = self.optsWithGlobals();
    const question = readQuestion(options);
    if (options.filename || options.snapshot !== undefined)
      throw new SeaworthyError('SW_PROVE_NEEDS_CLUSTER', 'files and snapshots have nothing live to look at', {
        hint: 'Leave -f and --snapshot out to use the cluster of the kubeconfig, or use --lab; image reports go to --with.',
      });
    const client = openCluster(options, io);
    const prober = createPodProber(client, { now: io.now, concurrency: EXEC_SESSIONS });
    try {
      const recorded = await readRecorded(options, io);
      const snapshot = recorded(await readCluster(client, { now: io.now, signal: io.signal }));
      noteUnknownNames([question.from, question.to], snapshot, io);
      io.stderr.write(
        `In context ${client.context}: access reviews, server-side dry runs of pods, single connections from pods on the paths, and a look at their mounts and capabilities from inside. Nothing is kept, nothing is exploited.\n`,
      );
      const look = lookAtHops({ cluster: client, prober, clock: systemClock, signal: io.signal }, snapshot);
      const report = await provePaths(snapshot, pairsOf(question, snapshot), look);
      const { output } = options;
      const document = { apiVersion: API_VERSION, kind: 'ProofReport', ...report };
      if (output === 'json' || output === 'yaml') await printDocument(io, output, document);
      else if (output === 'table') await write(io.stdout, formatProof(report));
      else {
        const invocation = invocationOf('paths prove', options, asWritten(options));
        const asked = { calledAs: program.name(), invocation };
        await write(io.stdout, formatPaths(proofReport(report, snapshot), output, asked));
      }
    } finally {
      await prober.hangUp();
      client.close();
    }
  });
}

function formatProof({ paths, hops, removed }: ProofReport): string {
  const byId = new Map(hops.map((hop) => [hop.id, hop]));
  const shown = paths.filter(({ verdict }) => verdict !== 'none');
  const lines = shown.flatMap(({ from, to, verdict, hops: ids }) => [
    `${formatNode(from)} -> ${formatNode(to)}: ${verdict}`,
    ...ids.flatMap((id, index) => lookedAt(`${index + 1}.`, id)),
  ]);
  if (removed.length > 0)
    lines.push('Refuted, and so left out of the graph:', ...removed.flatMap((id) => lookedAt('-', id)));
  const none = paths.length - shown.length;
  if (none > 0) lines.push(`${none} of ${paths.length} pairs of foothold and goal have no path.`);
  return `${lines.join('\n')}\n`;

  function lookedAt(mark: string, id: string): readonly string[] {
    const hop = byId.get(id);
    if (!hop) return [];
    return [
      `  ${mark} ${hop.verdict.padEnd(7)}  ${hop.id}   ${hop.title}`,
      ...hop.seen.map(({ check, says }) => `       ${check}: ${says}`),
    ];
  }
}
