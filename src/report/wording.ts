import { stripVTControlCharacters } from 'node:util';
import type { Acceptance } from '../analysis/posture/types.ts';
import type { EvidenceLevel, Severity, Verdict } from '../model/because.ts';
import type { Paint, Result, ResultVerdict } from './report.ts';
import { displayWidth } from './text-table.ts';

/** A symbol for each verdict of a claim, always beside its word: colour is never the only sign. */
export const VERDICT_SIGN: Readonly<Record<Verdict, string>> = { holds: '✓', violated: '✗', unknown: '?' };

const RESULT_SIGN: Readonly<Record<ResultVerdict, string>> = { fail: '✗', unknown: '?', pass: '✓', notApplicable: '–' };

/** The symbol of a result; what is accepted is neither a failure nor a pass. */
export function signOf({ verdict, accepted }: Result): string {
  return accepted ? '~' : RESULT_SIGN[verdict];
}

/** What each level of evidence means, in words. */
export const LEVEL_SAYS: Readonly<Record<EvidenceLevel, string>> = {
  declared: 'somebody says so',
  analysed: 'follows from the configuration read',
  observed: 'seen on the live cluster',
  proven: 'still seen while faults were injected',
};

/** Until when something is accepted, and why. */
export function formatAcceptance({ reason, until }: Acceptance): string {
  return `accepted until ${until}: ${reason}`;
}

/** Text in the colour of a verdict; its sign or word must stand beside it. */
export function paintVerdict(verdict: Verdict, text: string, paint: Paint): string {
  return verdict === 'violated' ? paint.red(text) : verdict === 'unknown' ? paint.yellow(text) : paint.green(text);
}

/** Text in the colour of a result; its sign or word must stand beside it. */
export function paintResult({ verdict, accepted }: Result, text: string, paint: Paint): string {
  if (accepted || verdict === 'notApplicable') return text;
  return verdict === 'fail' ? paint.red(text) : verdict === 'unknown' ? paint.yellow(text) : paint.green(text);
}

/** Text in the colour of a severity; its word must stand beside it. */
export function paintSeverity(severity: Severity, text: string, paint: Paint): string {
  if (severity === 'critical') return paint.bold(paint.red(text));
  return severity === 'high' ? paint.red(text) : severity === 'medium' ? paint.yellow(text) : text;
}

/** `1 claim`, `2 claims`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/**
 * Text broken into lines of at most `width`, the first after `first` (as wide as `indent` when absent), the others after
 * `indent`. A word longer than a line stands alone on its own.
 */
export function wrap(text: string, width: number, indent: string, first: string = indent): string {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    if (!empty && displayWidth(line) + 1 + displayWidth(word) > width) {
      lines.push(line);
      line = indent + word;
    } else {
      line += empty ? word : ` ${word}`;
      empty = false;
    }
  }
  return [...lines, line].join('\n');
}

/** The only escape sequences a screen needs: the colours of `Paint`. */
// eslint-disable-next-line no-control-regex
const COLOUR = /(\u001b\[(?:0|1|2|22|31|32|33|39)m)/;
/** Control characters, and those that turn the direction of text around. */
// eslint-disable-next-line no-control-regex
const UNPRINTABLE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A screen on which names from a cluster or a file can't move the cursor, hide text or reorder it. */
export function safeForTerminal(text: string): string {
  const parts = text.split(COLOUR);
  return parts
    .map((part, index) => (index % 2 === 1 ? part : stripVTControlCharacters(part).replaceAll(UNPRINTABLE, '\uFFFD')))
    .join('');
}
