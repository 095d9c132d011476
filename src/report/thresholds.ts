import { isAtLeast, SEVERITIES, type Severity } from '../model/because.ts';
import type { VerificationReport } from './types.ts';
import { openFindings } from './worst-things.ts';

/** What `--fail-on` can name. */
export const THRESHOLDS = ['violated', ...SEVERITIES, 'new', 'opened', 'unknown'] as const;
/** What `--fail-on` takes. */
export type Threshold = (typeof THRESHOLDS)[number];

/** What a threshold finds, in words; undefined when it is not tripped. */
export function tripped(report: VerificationReport, threshold: Threshold): string | undefined {
  const violated = report.claims.filter(({ verdict }) => verdict === 'violated');
  switch (threshold) {
    case 'violated':
      return counted(violated.length, 'violated claim', 'violated claims');
    case 'unknown':
      return counted(report.summary.claims.unknown + report.summary.unknownFindings, 'open question', 'open questions');
    case 'opened':
      return counted(
        report.comparison?.connections.filter(({ opens }) => opens).length ?? 0,
        'connection opened',
        'connections opened',
      );
    case 'new': {
      const worse = report.comparison?.verdicts.filter(({ after }) => after === 'violated').length ?? 0;
      return counted(
        openFindings(report.findings).filter((finding) => finding.new === true).length + worse,
        'new finding',
        'new findings',
      );
    }
    default: {
      const severe = (all: readonly { readonly severity: Severity }[]): number =>
        all.filter(({ severity }) => isAtLeast(severity, threshold)).length;
      const found = [
        counted(severe(openFindings(report.findings)), 'finding', 'findings'),
        counted(severe(violated), 'violated claim', 'violated claims'),
      ].filter((part) => part !== undefined);
      return found.length === 0 ? undefined : `${found.join(' and ')} of severity ${threshold} or worse`;
    }
  }
}

function counted(count: number, one: string, many: string): string | undefined {
  return count === 0 ? undefined : `${count} ${count === 1 ? one : many}`;
}
