import type { AttackPaths } from '../../analysis/attack/index.ts';
import { formatNode } from '../../analysis/attack/nodes.ts';

/** The paths as one graph in Graphviz' language, from footholds on the left to goals on the right; open hops are dashed. */
export function pathsDot({ edges, paths }: AttackPaths): string {
  const starts = new Set(paths.map(({ from }) => formatNode(from)));
  const goals = new Set(paths.map(({ to }) => formatNode(to)));
  const nodes = new Set(edges.flatMap(({ from, to }) => [formatNode(from), formatNode(to)]));
  const shapes = [...nodes].map((node) => {
    const shape = goals.has(node) ? 'doubleoctagon' : starts.has(node) ? 'house' : 'box';
    return `  ${quoted(node)} [shape=${shape}];`;
  });
  const hops = edges.map(({ kind, title, from, to, open }) => {
    const style = open === undefined ? '' : ', style=dashed';
    return `  ${quoted(formatNode(from))} -> ${quoted(formatNode(to))} [label=${quoted(kind)}, tooltip=${quoted(title)}${style}];`;
  });
  return ['digraph paths {', '  rankdir=LR;', ...shapes, ...hops, '}', ''].join('\n');
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
