import { SEVERITIES, type Severity } from '../../model/because.ts';
import { formatPosition } from '../../model/errors.ts';
import type { Coverage, Gap } from '../../model/snapshot.ts';
import type { Screen } from '../report.ts';
import type { Finding, WorstThing } from '../types.ts';
import { paintSeverity, plural, wrap } from '../wording.ts';

/** How many gaps a screen lists before it only counts them. */
const LISTED_GAPS = 5;

/** The parts of a screen that have something to say, a blank line between them. */
export function joinParts(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n');
}

/** `2 critical, 5 high`: only severities that occur; empty when none does. */
export function formatSeverities(counts: Readonly<Record<Severity, number>>, { paint }: Screen): string {
  return SEVERITIES.filter((severity) => counts[severity] > 0)
    .map((severity) => paintSeverity(severity, `${counts[severity]} ${severity}`, paint))
    .join(', ');
}

/** The worst things, numbered; `all` of them there are. */
export function worstPart(things: readonly WorstThing[], all: number, { paint, width }: Screen): string {
  if (things.length === 0) return '';
  const lines = things.map(({ kind, id, severity, says, objects, at }, index) => {
    const [first = ''] = objects;
    const where =
      objects.length === 0 ? '' : objects.length === 1 ? `${first}: ` : `${first} and ${objects.length - 1} more: `;
    const title = `  ${index + 1}. ${paintSeverity(severity, severity.toUpperCase(), paint)}  ${kind === 'claim' ? `claim ${id}` : id}`;
    const place = at === undefined ? '' : `\n     ${paint.dim(at)}`;
    return `${title}\n${wrap(`${where}${says}`, width, '     ')}${place}\n`;
  });
  const hidden = all - things.length;
  const rest = hidden > 0 ? paint.dim(`  and ${hidden} more kinds of problem; -o wide lists every one\n`) : '';
  return `${hidden > 0 ? `The ${things.length} worst of ${all}` : 'Worst first'}\n${lines.join('')}${rest}`;
}

/**
 * What could not be read, each gap once, then what would give it, once for all that it would give; then what was wrong with the input,
 * where that is not the gap itself.
 */
export function notReadPart({ gaps }: Coverage, broken: readonly string[], { paint, width }: Screen): string {
  const said = gaps.map((gap) => ({ says: gapLine(gap), remedy: gap.remedy }));
  const places = new Set(gaps.flatMap(({ at }) => (at ? [`${formatPosition(at)}: `] : [])));
  const others = broken.filter((line) => ![...places].some((place) => line.startsWith(place)));
  const all = [...said, ...others.map((says) => ({ says, remedy: '' }))];
  if (all.length === 0) return '';
  let left = LISTED_GAPS;
  const groups = [...Map.groupBy(all, ({ remedy }) => remedy)].flatMap(([remedy, group]) => {
    const lines = [...new Set(group.map(({ says }) => says))];
    const shown = lines.slice(0, Math.max(0, left)).map((says) => `${wrap(says, width, '    ', '  ? ')}\n`);
    left -= lines.length;
    if (shown.length === 0) return [];
    return [...shown, ...(remedy === '' ? [] : [`${paint.dim(wrap(remedy, width, '    '))}\n`])];
  });
  const rest = left < 0 ? paint.dim(`  and ${-left} more; -o json lists them all\n`) : '';
  return `${paint.yellow('Not read')}\n${groups.join('')}${rest}`;
}

/** How many checks could not be judged, and for how many reasons: one unread document is one, whatever checks need it. */
export function unjudgedPart(results: readonly Unjudged[]): string {
  const unknown = results.filter(({ verdict }) => verdict === 'unknown');
  const reasons = new Set(unknown.map(({ file = '', line = 0, message }) => `${file}:${line} ${message}`)).size;
  return `${unknown.length} could not be judged${reasons < unknown.length ? ` for ${plural(reasons, 'reason')}` : ''}`;
}

type Unjudged = Pick<Finding, 'file' | 'line' | 'message'> & { readonly verdict: string };

/** The one command that helps most now, and why. */
export function nextPart(command: string, why: string, { paint, width }: Screen): string {
  const line = `Next: ${paint.bold(command)}`;
  return `Next: ${command}  ${why}`.length <= width
    ? `${line}  ${paint.dim(why)}\n`
    : `${line}\n      ${paint.dim(why)}\n`;
}

function gapLine({ detail, at }: Gap): string {
  return `${at ? `${formatPosition(at)}: ` : ''}${detail}`;
}
