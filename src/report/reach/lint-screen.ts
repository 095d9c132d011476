import type { LintResult } from '../../analysis/network/lint/index.ts';
import { formatPosition } from '../../model/errors.ts';
import { formatRef } from '../../model/object.ts';

/** Findings for a person: each with its fix, and what that was found to change. */
export function lintScreen(results: readonly LintResult[]): string {
  if (results.length === 0) return 'no findings\n';
  return results.map(findingLines).join('');
}

function findingLines({ severity, lint, object, path, message, fix, at }: LintResult): string {
  const lines = [
    `${severity} ${lint}: ${formatRef(object)} ${path}${at ? ` (${formatPosition(at)})` : ''}`,
    `  ${message}`,
    `  fix: ${fix.says}`,
  ];
  if (fix.effect) {
    const { opens, closes, examples } = fix.effect;
    const effect = opens + closes === 0 ? 'no connection changes' : `opens ${opens}, closes ${closes} connections`;
    lines.push(`  tried: ${fix.verified === true ? 'the finding is gone' : 'the finding STAYS'}; ${effect}`);
    for (const example of examples) lines.push(`    ${example}`);
  } else if (fix.changes) lines.push('  not tried');
  return `${lines.join('\n')}\n`;
}
