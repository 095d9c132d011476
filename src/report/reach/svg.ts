import { MARK_COLOURS, shortRange, type DrawnConnection } from './dot.ts';

const CELL = 14;
const NAME = 260;
const LEGEND = 64;

/** What a square of the matrix looks like: a shape beside each colour. */
type Look = 'all' | 'some' | 'opened' | 'closed';
const FILLS: Readonly<Record<Look, string>> = { all: '#b4540a', some: '#2b6cb0', ...MARK_COLOURS };
const LEGENDS: Readonly<Record<Look, string>> = {
  all: 'every port',
  some: 'some ports',
  opened: 'opens',
  closed: 'closes',
};

/**
 * A matrix: sources down, destinations across, a shape where a connection is allowed. Each shape says its ports to whoever
 * points at it.
 */
export function formatSvg(connections: readonly DrawnConnection[]): string {
  const sources = [...new Set(connections.map(({ from }) => from))];
  const destinations = [...new Set(connections.map(({ to }) => to))].sort();
  const column = new Map(destinations.map((name, i) => [name, NAME + i * CELL]));
  const row = new Map(sources.map((name, i) => [name, NAME + i * CELL]));
  const bottom = NAME + sources.length * CELL;
  const width = NAME + Math.max(destinations.length * CELL, 240) + 10;
  const height = bottom + LEGEND;
  const looks = [...new Set(connections.map(lookOf))].sort();
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="11" role="img">`,
    '<title>Who reaches whom: sources in rows, destinations in columns; a shape is an allowed connection</title>',
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...sources.map(
      (name) =>
        `<text x="${NAME - 6}" y="${(row.get(name) ?? 0) + CELL - 4}" text-anchor="end">${label(name)}<title>${escape(name)}</title></text>`,
    ),
    ...destinations.map((name) => {
      const x = (column.get(name) ?? 0) + CELL - 4;
      return `<text x="${x}" y="${NAME - 6}" transform="rotate(-90 ${x} ${NAME - 6})">${label(name)}<title>${escape(name)}</title></text>`;
    }),
    `<path d="${grid(sources.length, destinations.length)}" stroke="#d0d7de" stroke-width="0.5"/>`,
    ...connections.map((one) => {
      const title = escape(`${one.from} → ${one.to}: ${one.ports}`);
      return shape(lookOf(one), column.get(one.to) ?? 0, row.get(one.from) ?? 0, `<title>${title}</title>`);
    }),
    ...looks.map((look, i) => {
      const y = bottom + 14 + i * CELL;
      return `${shape(look, NAME, y, '')}<text x="${NAME + CELL + 4}" y="${y + CELL - 4}">${LEGENDS[look]}</text>`;
    }),
    `<text x="${NAME - 6}" y="${bottom + 14 + CELL - 4}" text-anchor="end">rows connect to columns</text>`,
    '</svg>',
    '',
  ].join('\n');
}

function lookOf({ ports, mark }: DrawnConnection): Look {
  return mark ?? (ports === 'All Connections' ? 'all' : 'some');
}

function shape(look: Look, x: number, y: number, inside: string): string {
  const [left, top, right, bottom] = [x + 1, y + 1, x + CELL - 1, y + CELL - 1];
  const fill = `fill="${FILLS[look]}"`;
  switch (look) {
    case 'all':
      return `<rect x="${left}" y="${top}" width="${CELL - 2}" height="${CELL - 2}" ${fill}>${inside}</rect>`;
    case 'some':
      return `<path d="M${left} ${top}H${right}L${left} ${bottom}Z" ${fill}>${inside}</path>`;
    case 'opened':
      return `<path d="M${x + 5} ${top}h4v4h4v4h-4v4h-4v-4h-4v-4h4z" ${fill}>${inside}</path>`;
    case 'closed':
      return `<rect x="${left}" y="${y + 5}" width="${CELL - 2}" height="4" ${fill}>${inside}</rect>`;
  }
}

function grid(rows: number, columns: number): string {
  const across = Array.from({ length: rows + 1 }, (_, i) => `M${NAME} ${NAME + i * CELL}h${columns * CELL}`);
  const down = Array.from({ length: columns + 1 }, (_, i) => `M${NAME + i * CELL} ${NAME}v${rows * CELL}`);
  return [...across, ...down].join('');
}

function label(name: string): string {
  const short = shortRange(name);
  return escape(short.length > 38 ? `${short.slice(0, 37)}…` : short);
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
