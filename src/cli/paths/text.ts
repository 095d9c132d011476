import type { AttackPaths } from '../../analysis/attack/index.ts';
import { formatNode } from '../../analysis/attack/nodes.ts';

/** Paths and verdicts as a person follows them: what is held, by which hop, because of what. */
export function formatPaths({ paths, edges, goals, coverage }: AttackPaths): string {
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
