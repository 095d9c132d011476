import type { ExperimentReport } from '../types.ts';
import { escapeHtml as e } from './escape.ts';

/** Units of the drawing area; the browser stretches it to the width there is, lines keep theirs. */
const [WIDTH, HEIGHT] = [1000, 100];

/** At most so many points of the curve: each is the share of looks that succeeded around its time. */
const MOST_POINTS = 120;

/** The share of looks that succeeded, from 0 to 100 %, over the time of an experiment, with its faults shaded in. */
export function chart(
  { seconds, faults }: ExperimentReport,
  { statement, points, tolerance }: ExperimentReport['curves'][number],
): string {
  const x = (t: number): number => round((Math.max(0, Math.min(t, seconds)) / Math.max(seconds, 0.001)) * WIDTH);
  const y = (ok: number): number => round((1 - ok) * HEIGHT);
  const shaded = faults.map(({ from, to }) => {
    const [left, right] = [x(from), x(to)];
    return `<rect class="fault" x="${left}" y="0" width="${round(Math.max(right - left, 2))}" height="${HEIGHT}"/><line class="fault-edge" x1="${left}" x2="${left}" y1="0" y2="${HEIGHT}"/><line class="fault-edge" x1="${right}" x2="${right}" y1="0" y2="${HEIGHT}"/>`;
  });
  const limit =
    tolerance === undefined
      ? ''
      : `<line class="limit" x1="0" x2="${WIDTH}" y1="${y(tolerance)}" y2="${y(tolerance)}"/>`;
  const line = shares(points, seconds)
    .map(({ t, ok }) => `${x(t)},${y(ok)}`)
    .join(' ');
  const spoken = `${statement} Share of looks that succeeded over ${seconds} seconds. ${faults.map(({ kind, from, to }) => `Fault ${kind} from ${from} to ${to} s.`).join(' ')}`;
  return `<div class="chart" role="img" aria-label="${e(spoken)}"><span class="tick top">100%</span><span class="tick middle">50%</span><span class="tick bottom">0%</span><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">${shaded.join('')}${limit}<polyline class="curve" points="${line}"/></svg></div><div class="axis" aria-hidden="true"><span>0 s</span><span>${faults.map(({ kind, from, to }) => `▒ ${e(kind)} ${from}–${to} s`).join(', ')}</span><span>${seconds} s</span></div>`;
}

type Points = ExperimentReport['curves'][number]['points'];

/** Points as they are while they are few; else shares over equal stretches of time that had a look. */
function shares(points: Points, seconds: number): readonly { readonly t: number; readonly ok: number }[] {
  if (points.length <= MOST_POINTS) return points;
  const stretch = seconds / MOST_POINTS;
  const byStretch = Map.groupBy(points, ({ t }) => Math.min(MOST_POINTS - 1, Math.floor(t / stretch)));
  return [...byStretch]
    .sort(([a], [b]) => a - b)
    .map(([index, here]) => ({
      t: (index + 0.5) * stretch,
      ok: here.reduce((sum, { ok }) => sum + ok, 0) / here.length,
    }));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
