import type { ExperimentReport } from '../types.ts';
import { escapeHtml as e } from '../html/escape.ts';

type Curve = ExperimentReport['curves'][number];
type Point = Curve['points'][number];

/** Units of the drawing area; the browser stretches it to the width there is, lines keep theirs. */
const [WIDTH, HEIGHT] = [1000, 100];

/** At most so many points of a curve: each stands for the looks of an equal stretch of time. */
const MOST_POINTS = 120;

/** The share of looks that succeeded, from 0 to 100 %, over the time of an experiment, its faults shaded in. */
export function successChart(experiment: ExperimentReport, curve: Curve): string {
  const points = byStretch(curve.points, experiment.seconds, (here) => mean(here.map(({ ok }) => ok)));
  const says = `${curve.statement} Share of looks that succeeded`;
  return chart(experiment, { title: 'Succeeded', says, points, most: 1, limit: curve.tolerance, write: percent });
}

/** How long an answer took; empty where nobody measured. */
export function latencyChart(experiment: ExperimentReport, curve: Curve): string {
  const measured = curve.points.filter(({ latencyMs }) => latencyMs !== undefined);
  if (measured.length < 2) return '';
  const points = byStretch(measured, experiment.seconds, (here) => mean(here.map(({ latencyMs = 0 }) => latencyMs)));
  const most = roundUp(Math.max(...points.map(({ value }) => value)));
  const says = `${curve.statement} Time to answer`;
  return chart(experiment, { title: 'Time to answer', says, points, most, limit: undefined, write: milliseconds });
}

interface Drawing {
  readonly title: string;
  /** Read out instead of the picture. */
  readonly says: string;
  readonly points: readonly { readonly t: number; readonly value: number }[];
  /** The value at the top. */
  readonly most: number;
  readonly limit: number | undefined;
  readonly write: (value: number) => string;
}

function chart({ seconds, faults }: ExperimentReport, { title, says, points, most, limit, write }: Drawing): string {
  const x = (t: number): number => round((Math.max(0, Math.min(t, seconds)) / Math.max(seconds, 0.001)) * WIDTH);
  const y = (value: number): number => round((1 - value / most) * HEIGHT);
  const edge = (at: number): string => `<line class="fault-edge" x1="${at}" x2="${at}" y1="0" y2="${HEIGHT}"/>`;
  const shaded = faults.map(({ from, to }) => {
    const [left, right] = [x(from), x(to)];
    const width = round(Math.max(right - left, 2));
    return `<rect class="fault" x="${left}" y="0" width="${width}" height="${HEIGHT}"/>${edge(left)}${edge(right)}`;
  });
  const bound =
    limit === undefined ? '' : `<line class="limit" x1="0" x2="${WIDTH}" y1="${y(limit)}" y2="${y(limit)}"/>`;
  // Between two looks nothing was seen: the line stays where the last look left it.
  const line = points
    .flatMap(({ t, value }, index) => {
      const next = points[index + 1];
      return [`${x(t)},${y(value)}`, ...(next ? [`${x(next.t)},${y(value)}`] : [])];
    })
    .join(' ');
  const looks = points.map(({ t, value }) => `M${x(t)} ${y(value)}h0`).join('');
  const broken = faults.map(({ kind, from, to }) => `Fault ${kind} from ${from} to ${to} s.`).join(' ');
  const key = faults.map(({ kind, from, to }) => `▒ ${e(kind)} ${from}–${to} s`).join(', ');
  const ticks = [
    ['top', most],
    ['middle', most / 2],
    ['bottom', 0],
  ] as const;
  return `<div class="chart-title" aria-hidden="true">${title}</div><div class="chart" role="img" aria-label="${e(`${says}, over ${seconds} seconds. ${broken}`)}">${ticks.map(([place, value]) => `<span class="tick ${place}">${write(value)}</span>`).join('')}<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">${shaded.join('')}${bound}<polyline class="curve" points="${line}"/><path class="look" d="${looks}"/></svg></div><div class="axis" aria-hidden="true"><span>0 s</span><span class="violated-text">${key}</span><span>${seconds} s</span></div>`;
}

/** One value for each look while they are few; else one for each equal stretch of time that had a look. */
function byStretch(points: readonly Point[], seconds: number, value: (here: readonly Point[]) => number) {
  if (points.length <= MOST_POINTS) return points.map((point) => ({ t: point.t, value: value([point]) }));
  const stretch = seconds / MOST_POINTS;
  const groups = Map.groupBy(points, ({ t }) => Math.min(MOST_POINTS - 1, Math.floor(t / stretch)));
  return [...groups]
    .sort(([a], [b]) => a - b)
    .map(([index, here]) => ({ t: (index + 0.5) * stretch, value: value(here) }));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The next of 1, 2 or 5 times a power of ten. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

function milliseconds(value: number): string {
  return `${value} ms`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
