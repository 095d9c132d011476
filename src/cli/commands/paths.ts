import type { Command } from 'commander';
import { analyseAttack, type AttackPaths } from '../../analysis/attack/index.ts';
import { formatNode, parseNode } from '../../analysis/attack/nodes.ts';
import type { Io } from '../io.ts';
import { addOutputOption, printDocument, write, type OutputFormat } from '../output.ts';
import { addSourceOptions, openSource, type SourceOptions } from '../source-options.ts';

interface PathsOptions extends SourceOptions {
  readonly from?: string;
  readonly to?: string;
  readonly output: OutputFormat;
}

/** `paths`: how an intruder gets from a foothold to a goal. */
export function registerPaths(program: Command, io: Io): void {
  const paths = program
    .command('paths')
    .description('how an intruder gets from a foothold to a goal, and which objects every way needs')
    .option(
      '--from <foothold>',
      'Kind[:[namespace/]name], e.g. Internet or Shell:shop/web (default: Internet, then every workload)',
    )
    .option('--to <goal>', 'the same, e.g. Root or ClusterAdmin (default: ClusterAdmin, then Root)');
  addOutputOption(addSourceOptions(paths), ['table', 'json', 'yaml']);
  paths.action(async (options: PathsOptions) => {
    const from = options.from === undefined ? undefined : parseNode(options.from);
    const to = options.to === undefined ? undefined : parseNode(options.to);
    const snapshot = await openSource(options, io);
    const answer = analyseAttack(snapshot).paths(from, to);
    const document = { apiVersion: 'seaworthy.dev/v1alpha1', kind: 'AttackPaths', ...answer };
    if (!(await printDocument(io, options.output, document))) await write(io.stdout, formatPaths(answer));
  });
}

function formatPaths({ paths, edges, goals, coverage }: AttackPaths): string {
  const byId = new Map(edges.map((edge) => [edge.id, edge]));
  const lines: string[] = [];
  for (const path of paths) {
    lines.push(`${formatNode(path.from)} -> ${formatNode(path.to)}   effort ${path.cost}`);
    path.edges.forEach((id, index) => {
      const edge = byId.get(id);
      if (!edge) return;
      lines.push(`  ${index + 1}. ${formatNode(edge.to)}   ${edge.kind} ${edge.title}`);
      for (const { says } of edge.because) lines.push(`       because ${says}`);
      if (edge.open !== undefined) lines.push(`       not known: ${edge.open}`);
    });
    lines.push('');
  }
  for (const { goal, reachable, essential, because } of goals) {
    const verdict = reachable === true ? 'reachable' : reachable === false ? 'not reachable' : 'unknown';
    lines.push(`${formatNode(goal)}: ${verdict}`);
    if (essential.length > 0) {
      lines.push(
        `  every path needs ${essential.map((one) => `${one.kind} ${one.namespace === undefined ? '' : `${one.namespace}/`}${one.name}`).join(', ')}`,
      );
    }
    if (reachable !== true) for (const { says } of because) lines.push(`  because ${says}`);
  }
  if (coverage.absent.length > 0)
    lines.push('', `Not in this source, so taken as absent: ${coverage.absent.join('; ')}.`);
  return `${lines.join('\n')}\n`;
}
