import { becauseOfGap } from '../../model/because.ts';
import { escapeHtml as e } from '../html/escape.ts';
import { COLOURS } from '../html/style.ts';
import { wrap } from '../wording.ts';
import type { PathsReport } from './paths-report.ts';
import { PICTURE_STYLE } from '../html/paths-style.ts';
import { pathsSvg } from './svg.ts';
import { chokePointsTitle, nameOf, stopsInWords } from './view.ts';
import { hopInWords, similarOf, titleOf } from './words.ts';

/** Wider pictures stand above the words instead of beside them. */
const WIDEST_BESIDE = 600;
const GAP = 24;
const MARGIN = 16;
const LINE = 17;
/** Characters on a line, and the pixels that so many take at most. */
const COLUMNS = 96;
const TEXT_WIDTH = 640;

interface Written {
  readonly text: string;
  readonly style: 'heading' | 'name' | 'detail';
}

/**
 * An answer of `paths` as one SVG file: the picture, and every hop in words beside it. It asks for nothing and follows light and dark;
 * it has its own size, so that a browser scrolls what is wider than its window.
 */
export function pathsSvgDocument(report: PathsReport): string {
  const { view, source } = report;
  const title = `Attack paths: ${source}`;
  const lines = wordsOf(report);
  const picture = view.paths === 0 ? undefined : pathsSvg(view, title);
  const beside = picture !== undefined && picture.width <= WIDEST_BESIDE;
  const left = MARGIN + (beside ? picture.width + GAP : 0);
  const top = MARGIN + (picture && !beside ? picture.height + GAP : 0);
  const width = Math.max(left + TEXT_WIDTH, picture ? picture.width + MARGIN : 0) + MARGIN;
  const height = Math.max(top + lines.length * LINE, picture ? picture.height + MARGIN : 0) + MARGIN;
  const text = lines.map(
    ({ text: line, style }, index) =>
      `<text class="${style}" x="${left + (style === 'detail' ? 18 : 0)}" y="${top + index * LINE + 13}">${e(line)}</text>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" class="paths-document" role="img" aria-labelledby="title" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<title id="title">${e(title)}</title>
<style>${COLOURS}
${PICTURE_STYLE}
.page{fill:var(--bg)}.words{fill:var(--text);font:12px/1.4 system-ui,-apple-system,"Segoe UI",sans-serif}.words .heading{font-weight:650;font-size:14px}.words .name{font-weight:600}.words .detail{fill:var(--dim)}</style>
<rect class="page" width="100%" height="100%"/>
${picture ? picture.svg.replace('<svg ', `<svg x="${MARGIN}" y="${MARGIN}" `) : ''}
<g class="words">
${text.join('\n')}
</g>
</svg>
`;
}

function wordsOf({ view, goals, notes, notRead }: PathsReport): readonly Written[] {
  const lines: Written[] = [];
  const say = (style: Written['style'], said: string): void => {
    if (style === 'heading' && lines.length > 0) lines.push({ text: '', style });
    for (const text of wrap(said, COLUMNS, '').split('\n')) lines.push({ text, style });
  };
  for (const { says, because } of goals) {
    say('heading', says);
    for (const one of because) say('detail', one);
  }
  if (view.chokePoints.length > 0) say('heading', chokePointsTitle(view));
  for (const point of view.chokePoints) {
    const stops = view.paths === 1 ? '' : `: ${stopsInWords(point, view)}`;
    say('detail', `◆ ${nameOf(point.object)}${stops}`);
  }
  const told = new Set<string>();
  for (const group of view.groups.slice(0, view.groups.length - view.notDrawn)) {
    say('heading', `${titleOf(group)}, effort ${group.path.cost} ${similarOf(group.similar)}`);
    for (const edge of group.hops) {
      const hop = view.hops.find((one) => one.edge.id === edge.id);
      if (!hop) continue;
      const [head = '', ...details] = hopInWords(hop);
      say('name', `${hop.choke ? '◆ ' : ''}${head}`);
      if (!told.has(edge.id)) for (const detail of details) say('detail', detail);
      told.add(edge.id);
    }
  }
  if (notRead.gaps.length > 0) say('heading', 'What could not be read');
  for (const gap of notRead.gaps) say('detail', becauseOfGap(gap).says);
  if (notes.length > 0) say('heading', 'What this leaves out');
  for (const note of notes) say('detail', note);
  return lines;
}
