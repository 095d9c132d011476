import type { EvidenceLevel, Severity, Verdict } from '../model/because.ts';
import type { Paint } from './format.ts';

/** A symbol and a word for each verdict: colour is never the only sign. */
export const VERDICT_SIGN: Readonly<Record<Verdict, string>> = { holds: '✓', violated: '✗', unknown: '?' };

export const LEVEL_SAYS: Readonly<Record<EvidenceLevel, string>> = {
  declared: 'somebody says so',
  analysed: 'follows from the configuration read',
  observed: 'seen on the live cluster',
  proven: 'still seen while faults were injected',
};

/** Sizes of severity as CVSS-like numbers, which GitHub sorts by. */
export const SECURITY_SEVERITY: Readonly<Record<Severity, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '3.0',
};

export function paintVerdict(verdict: Verdict, text: string, paint: Paint): string {
  return verdict === 'violated' ? paint.red(text) : verdict === 'unknown' ? paint.yellow(text) : paint.green(text);
}

export function paintSeverity(severity: Severity, text: string, paint: Paint): string {
  return severity === 'critical' || severity === 'high'
    ? paint.red(text)
    : severity === 'medium'
      ? paint.yellow(text)
      : text;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Text broken into lines of at most `width`, each after `indent`. */
export function wrap(text: string, width: number, indent: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && indent.length + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  if (line !== '') lines.push(line);
  return lines.map((one) => `${indent}${one}`).join('\n');
}
