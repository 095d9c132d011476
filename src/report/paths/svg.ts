import { formatNode } from '../../analysis/attack/nodes.ts';
import { escapeHtml as e } from '../html/escape.ts';
import { layoutOf, type Point } from './layout.ts';
import type { PathView, ViewHop, ViewNode } from './view.ts';
import { hopInWords, PROOF_SIGN, summaryOf } from './words.ts';

/** In pixels; two boxes beside each other fit the width of a phone. */
const BOX_WIDTH = 160;
const LINE = 15;
const PADDING = 8;
const SPACING = { across: 14, down: 20, margin: 6 } as const;
/** Characters of a name on one line of a box, and such lines at most. */
const [MOST_CHARACTERS, MOST_LINES] = [23, 3];
const BADGE_HEIGHT = 18;

/** A line of the picture: to a hop from what it needs, or from a hop to what it gives. */
interface Stroke {
  readonly from: string;
  readonly to: string;
  readonly style: string;
  readonly head: boolean;
}

/** A picture of paths as an SVG element, from footholds above to goals below. Its words are said elsewhere too: `label` names it. */
export function pathsSvg(
  view: PathView,
  label: string,
): { readonly svg: string; readonly width: number; readonly height: number } {
  const lines = new Map(view.nodes.map((node) => [node.id, linesOf(node)]));
  const nodes = view.nodes.map(({ id }) => ({ id, width: BOX_WIDTH, height: heightOf(lines.get(id)) }));
  const badges = view.arcs.map(({ hop }) => ({ id: badgeId(hop), width: badgeWidth(hop), height: BADGE_HEIGHT }));
  const strokes = strokesOf(view);
  const { width, height, boxes, routes } = layoutOf([...nodes, ...badges], strokes, SPACING);
  const at = (id: string): Point => boxes.get(id) ?? { x: 0, y: 0 };
  const drawn = [
    ...strokes.map((stroke, index) => drawStroke(stroke, routes[index] ?? [])),
    ...view.nodes.map((node) => drawNode(node, lines.get(node.id) ?? [], at(node.id))),
    ...view.arcs.map(({ hop }) => drawBadge(hop, at(badgeId(hop)))),
  ];
  const svg = `<svg class="paths-graph" xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${e(label)}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"><title>${e(label)}</title><desc>${e(summaryOf(view))}</desc>${drawn.join('')}</svg>`;
  return { svg, width, height };
}

function strokesOf({ arcs, within }: PathView): readonly Stroke[] {
  return [
    ...arcs.flatMap(({ hop, from, also, to }): readonly Stroke[] => {
      const style = `${hop.choke ? 'choke' : 'plain'}${hop.edge.open === undefined ? '' : ' open'}`;
      const badge = badgeId(hop);
      return [
        ...from.map((id) => ({ from: id, to: badge, style, head: false })),
        ...also.map((id) => ({ from: id, to: badge, style: 'also', head: false })),
        { from: badge, to, style, head: true },
      ];
    }),
    ...within.map(({ from, to }) => ({ from, to, style: 'also', head: false })),
  ];
}

function badgeId({ number }: ViewHop): string {
  return `hop ${number}`;
}

function heightOf(lines: readonly TextLine[] = []): number {
  return PADDING * 2 + lines.length * LINE;
}

interface TextLine {
  readonly text: string;
  readonly style: 'role' | 'kind' | 'name';
}

function linesOf({ node, role, similar }: ViewNode): readonly TextLine[] {
  const { kind } = node;
  const written = formatNode(node);
  const name = written === kind ? '' : written.slice(kind.length + 1);
  const sign = role === 'foothold' ? '▶ starts here' : role === 'goal' ? '◎ goal' : '';
  return [
    ...(sign === '' ? [] : [{ text: sign, style: 'role' as const }]),
    { text: kind, style: 'kind' },
    ...brokenName(name).map((text) => ({ text, style: 'name' as const })),
    ...(similar > 0 ? [{ text: `and ${similar} similar`, style: 'name' as const }] : []),
  ];
}

/** A name on few lines, broken after `/`, `:`, `.` and `-` where that is possible, its end cut off when it is too long. */
export function brokenName(name: string): readonly string[] {
  const lines: string[] = [];
  let rest = name;
  while (rest !== '' && lines.length < MOST_LINES) {
    if (rest.length <= MOST_CHARACTERS) return [...lines, rest];
    const room = rest.slice(0, MOST_CHARACTERS);
    const at = Math.max(...['/', ':', '.', '-'].map((mark) => room.lastIndexOf(mark))) + 1;
    const length = at > MOST_CHARACTERS / 3 ? at : MOST_CHARACTERS;
    lines.push(rest.slice(0, length));
    rest = rest.slice(length);
  }
  return rest === '' ? lines : [...lines.slice(0, -1), `${(lines.at(-1) ?? '').slice(0, MOST_CHARACTERS - 1)}…`];
}

function drawNode(node: ViewNode, lines: readonly TextLine[], { x, y }: Point): string {
  const radius = node.role === 'foothold' ? 16 : 6;
  const height = heightOf(lines);
  const rim =
    node.role === 'goal'
      ? `<rect class="rim" x="${x + 3}" y="${y + 3}" width="${BOX_WIDTH - 6}" height="${height - 6}" rx="4"/>`
      : '';
  const text = lines.map(
    ({ text: written, style }, index) =>
      `<text class="${style}" x="${x + BOX_WIDTH / 2}" y="${y + PADDING + LINE * index + 11}" text-anchor="middle"${fitted(written)}>${e(written)}</text>`,
  );
  return `<g class="${node.role}"><title>${e(node.id)}</title><rect class="box" x="${x}" y="${y}" width="${BOX_WIDTH}" height="${height}" rx="${radius}"/>${rim}${text.join('')}</g>`;
}

/** Fonts differ in width: a line that may be too wide in some is told how wide to be. */
function fitted(text: string): string {
  return text.length < MOST_CHARACTERS - 2
    ? ''
    : ` textLength="${BOX_WIDTH - 2 * PADDING}" lengthAdjust="spacingAndGlyphs"`;
}

function drawStroke({ style, head }: Stroke, route: readonly Point[]): string {
  const [start, end] = [route[0], route.at(-1)];
  if (!start || !end) return '';
  const tip = end.y < start.y ? `M${end.x} ${end.y}l-4.5 8h9z` : `M${end.x} ${end.y}l-4.5 -8h9z`;
  return `<g class="${style}"><path class="link" d="${curve(route)}"/>${head ? `<path class="head" d="${tip}"/>` : ''}</g>`;
}

function badgeText({ number, edge, choke }: ViewHop): string {
  return `${choke ? '◆ ' : ''}${number} · ${edge.kind}${edge.open === undefined ? '' : ' ?'}`;
}

function badgeWidth(hop: ViewHop): number {
  return Math.round((badgeText(hop).length + (hop.proof ? 2 : 0)) * 6.4 + 14);
}

function drawBadge(hop: ViewHop, { x, y }: Point): string {
  const { choke, proof } = hop;
  const width = badgeWidth(hop);
  const sign = proof ? ` <tspan class="${proof.verdict}">${PROOF_SIGN[proof.verdict]}</tspan>` : '';
  return `<g class="${choke ? 'choke' : 'plain'}"><title>${e(hopInWords(hop).join('\n'))}</title><rect class="badge" x="${x}" y="${y}" width="${width}" height="${BADGE_HEIGHT}" rx="9"/><text class="badge-text" x="${x + width / 2}" y="${y + 13}" text-anchor="middle">${e(badgeText(hop))}${sign}</text></g>`;
}

/** A smooth line that leaves and arrives vertically. */
function curve(route: readonly Point[]): string {
  return route
    .map(({ x, y }, index) => {
      const before = route[index - 1];
      if (!before) return `M${x} ${y}`;
      if (before.x === x) return `L${x} ${y}`;
      const middle = round((before.y + y) / 2);
      return `C${before.x} ${middle} ${x} ${middle} ${x} ${y}`;
    })
    .join('');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
