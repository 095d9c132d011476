import type { ExperimentReport } from '../types.ts';
import { VERDICT_SIGN } from '../wording.ts';
import { escapeHtml as e } from './escape.ts';

const [WIDTH, HEIGHT, BASE, TOP] = [720, 160, 130, 10];

/** Each experiment with its verdicts and the curve of its steady state, the fault shaded in. */
export function experimentSection(experiments: readonly ExperimentReport[]): string {
  if (experiments.length === 0) return '';
  return `<section id="experiments"><h2>Experiments</h2>${experiments.map(one).join('')}</section>`;
}

function one(experiment: ExperimentReport): string {
  const { name, title, outcome, outcomeSays, design, verdicts, residue, curves } = experiment;
  const list = verdicts.map(
    ({ verdict, statement, says }) =>
      `<li><span class="sign ${verdict}">${VERDICT_SIGN[verdict]} ${verdict}</span> ${e(statement)} <span class="dim">${e(says)}</span></li>`,
  );
  const left = residue.length === 0 ? 'Nothing was left behind.' : `Left behind: ${residue.join(', ')}.`;
  return `<article><h3>${e(title ?? name)}</h3><p class="dim">${e(outcome)}${outcomeSays === undefined ? '' : `: ${e(outcomeSays)}`} · ${e(design)}</p><ul>${list.join('')}</ul>${curves.map((curve) => chart(experiment, curve)).join('')}<p>${e(left)}</p></article>`;
}

function chart(
  { seconds, faults }: ExperimentReport,
  { statement, points, tolerance }: ExperimentReport['curves'][number],
): string {
  const x = (t: number): string => ((Math.max(0, Math.min(t, seconds)) / Math.max(seconds, 1)) * WIDTH).toFixed(1);
  const y = (ok: number): string => (BASE - ok * (BASE - TOP)).toFixed(1);
  const shaded = faults.map(
    ({ from, to, kind }) =>
      `<rect x="${x(from)}" y="${TOP}" width="${(Number(x(to)) - Number(x(from))).toFixed(1)}" height="${BASE - TOP}" fill="var(--red)" opacity=".15"><title>${e(kind)}</title></rect>`,
  );
  const limit =
    tolerance === undefined
      ? ''
      : `<line x1="0" x2="${WIDTH}" y1="${y(tolerance)}" y2="${y(tolerance)}" stroke="var(--amber)" stroke-dasharray="4"/>`;
  const line = points.map(({ t, ok }) => `${x(t)},${y(ok)}`).join(' ');
  const label = `${statement} Success over ${seconds} seconds; ${faults.map(({ kind, from, to }) => `${kind} from ${from} to ${to} s`).join(', ')}`;
  return `<figure><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${e(label)}">${shaded.join('')}${limit}<polyline points="${line}" fill="none" stroke="var(--blue)" stroke-width="2"/><text x="0" y="${HEIGHT - 6}" fill="var(--dim)" font-size="12">0 s</text><text x="${WIDTH}" y="${HEIGHT - 6}" text-anchor="end" fill="var(--dim)" font-size="12">${seconds} s</text></svg><figcaption>${e(label)}</figcaption></figure>`;
}
