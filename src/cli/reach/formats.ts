import type { ListedConnection } from '../../analysis/network/report.ts';
import { formatCsv } from '../../report/formats/csv.ts';
import { formatMarkdown } from '../../report/formats/markdown.ts';
import { formatTable } from '../output.ts';

/** Rows in one of the formats made of rows; a table for any other. */
export function formatRows(format: string, heading: readonly string[], rows: readonly (readonly string[])[]): string {
  if (format === 'csv') return formatCsv(heading, rows);
  if (format === 'markdown') return formatMarkdown(heading, rows);
  return formatTable(
    heading.map((name) => name.toUpperCase()),
    rows,
  );
}

/** A connection to draw; of a difference, whether it is opened or closed. */
export interface DrawnConnection extends ListedConnection {
  readonly mark?: 'opened' | 'closed';
}

const MARK_COLOURS = { opened: '#1a7f37', closed: '#b42318' } as const;

/** A graph for Graphviz, workloads of a namespace in one box. */
export function formatDot(connections: readonly DrawnConnection[]): string {
  const quote = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  const nodes = [...new Set(connections.flatMap(({ from, to }) => [from, to]))].sort();
  const boxes = Map.groupBy(nodes, (node) => (node.includes('[') ? (node.split('/')[0] ?? '') : ''));
  const lines = ['digraph reach {', '  rankdir=LR;', '  node [shape=box, fontname="sans-serif"];'];
  for (const [namespace, inside] of boxes) {
    if (namespace === '') {
      for (const node of inside) lines.push(`  ${quote(node)} [shape=ellipse];`);
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

const CELL = 14;
const NAME = 260;

/** A matrix: sources down, destinations across, a filled square where a connection is allowed. Each square says its ports. */
export function formatSvg(connections: readonly DrawnConnection[]): string {
  const escape = (text: string): string =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
  const sources = [...new Set(connections.map(({ from }) => from))];
  const destinations = [...new Set(connections.map(({ to }) => to))].sort();
  const column = new Map(destinations.map((name, i) => [name, NAME + i * CELL]));
  const row = new Map(sources.map((name, i) => [name, NAME + i * CELL]));
  const width = NAME + destinations.length * CELL + 10;
  const height = NAME + sources.length * CELL + 10;
  const short = (text: string): string => (text.length > 38 ? `${text.slice(0, 37)}…` : text);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="11" role="img">`,
    '<title>Who reaches whom: sources in rows, destinations in columns; a filled square is an allowed connection</title>',
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...sources.map(
      (name) =>
        `<text x="${NAME - 6}" y="${(row.get(name) ?? 0) + CELL - 4}" text-anchor="end">${escape(short(name))}<title>${escape(name)}</title></text>`,
    ),
    ...destinations.map((name) => {
      const x = (column.get(name) ?? 0) + CELL - 4;
      return `<text x="${x}" y="${NAME - 6}" transform="rotate(-90 ${x} ${NAME - 6})">${escape(short(name))}<title>${escape(name)}</title></text>`;
    }),
    ...connections.map(({ from, to, ports, mark }) => {
      const title = escape(`${from} → ${to}: ${ports}`);
      const fill = mark ? MARK_COLOURS[mark] : ports === 'All Connections' ? '#b4540a' : '#2b6cb0';
      return `<rect x="${column.get(to)}" y="${row.get(from)}" width="${CELL - 2}" height="${CELL - 2}" fill="${fill}"><title>${title}</title></rect>`;
    }),
    '</svg>',
    '',
  ].join('\n');
}
