import type { ListedConnection } from '../../analysis/network/answers/report.ts';

/** A connection to draw; of a difference, whether it is opened or closed. */
export interface DrawnConnection extends ListedConnection {
  readonly mark?: 'opened' | 'closed';
}

/** Green opens and red closes; a sign or a dashed line says it without colours. */
export const MARK_COLOURS = { opened: '#1a7f37', closed: '#b42318' } as const;

/** A graph for Graphviz, workloads of a namespace in one box. */
export function formatDot(connections: readonly DrawnConnection[]): string {
  const quote = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  const nodes = [...new Set(connections.flatMap(({ from, to }) => [from, to]))].sort();
  const boxes = Map.groupBy(nodes, (node) => (node.includes('[') ? (node.split('/')[0] ?? '') : ''));
  const lines = ['digraph reach {', '  rankdir=LR;', '  node [shape=box, fontname="sans-serif"];'];
  for (const [namespace, inside] of boxes) {
    if (namespace === '') {
      for (const node of inside) lines.push(`  ${quote(node)} [label=${quote(shortRange(node))}, shape=ellipse];`);
      continue;
    }
    lines.push(`  subgraph ${quote(`cluster_${namespace}`)} {`, `    label=${quote(namespace)};`);
    for (const node of inside) lines.push(`    ${quote(node)} [label=${quote(node.slice(namespace.length + 1))}];`);
    lines.push('  }');
  }
  for (const { from, to, ports, mark } of connections) {
    const colour = mark ? `, color=${quote(MARK_COLOURS[mark])}${mark === 'closed' ? ', style=dashed' : ''}` : '';
    lines.push(`  ${quote(from)} -> ${quote(to)} [label=${quote(ports)}${colour}];`);
  }
  return `${[...lines, '}'].join('\n')}\n`;
}

/** A range in the room of a picture: a whole family of addresses by its network. */
export function shortRange(name: string): string {
  if (name === '0.0.0.0-255.255.255.255') return '0.0.0.0/0';
  return name === '::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff' ? '::/0' : name;
}
