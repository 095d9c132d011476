import { formatPosition } from '../model/errors.ts';
import { SEVERITIES } from '../model/because.ts';
import type { Gap } from '../model/snapshot.ts';
import type { Paint, RenderOptions, ReportFormat } from './format.ts';
import type { Comparison, VerificationReport } from './types.ts';
import { openFindings, worstThings } from './verification.ts';
import { paintSeverity, paintVerdict, plural, VERDICT_SIGN, wrap } from './wording.ts';

/** How many claims that hold, and gaps, are listed before they are only counted. */
const LISTED_HOLDING = 6;
const LISTED_GAPS = 5;

/** The first screen: the verdicts, the five worst things, what could not be read, the next command to type. */
export const terminal: ReportFormat = {
  id: 'table',
  title: 'A person at a terminal',
  render(report, options) {
    return [
      headline(report, options),
      claims(report, options),
      worst(report, options),
      changes(report.comparison, options.paint),
      notRead(report, options),
      next(report, options),
    ]
      .filter((part) => part !== '')
      .join('\n');
  },
};

function headline({ source, summary, level }: VerificationReport, { paint }: RenderOptions): string {
  const { violated, unknown, holds } = summary.claims;
  const total = violated + unknown + holds;
  const parts = [
    ...(violated > 0 ? [paint.red(`✗ ${violated} violated`)] : []),
    ...(unknown > 0 ? [paint.yellow(`? ${unknown} unknown`)] : []),
    ...(holds > 0 ? [paint.green(`✓ ${holds} ${holds === 1 ? 'holds' : 'hold'}`)] : []),
  ];
  const verdicts =
    total === 0
      ? 'No claims: nothing was given and the configuration implies none'
      : `${plural(total, 'claim')}: ${parts.join('  ')}`;
  const failing = SEVERITIES.filter((severity) => summary.findings[severity] > 0).map((severity) =>
    paintSeverity(severity, `${summary.findings[severity]} ${severity}`, paint),
  );
  const findings = failing.length === 0 ? 'No findings' : `Findings: ${failing.join(', ')}`;
  const more = [
    ...(summary.accepted > 0 ? [`${summary.accepted} accepted`] : []),
    ...(summary.unknownFindings > 0 ? [paint.yellow(`${summary.unknownFindings} could not be judged`)] : []),
  ];
  return `${paint.bold(source.description)}  ${paint.dim(`evidence up to level ${level}`)}\n${verdicts}\n${[findings, ...more].join(', ')}\n`;
}

function claims({ claims: judged }: VerificationReport, { paint, width }: RenderOptions): string {
  const open = judged.filter(({ verdict }) => verdict !== 'holds');
  const holding = judged.filter(({ verdict }) => verdict === 'holds');
  // What somebody wrote down is shown before what was derived.
  const shown = [...holding].sort((a, b) => Number(a.derived) - Number(b.derived)).slice(0, LISTED_HOLDING);
  const lines = [...open, ...shown].map((claim) => {
    const { verdict, statement, level, severity, because } = claim;
    const sign = paintVerdict(verdict, `${VERDICT_SIGN[verdict]} ${verdict.padEnd(8)}`, paint);
    const first = `  ${sign} ${statement}${verdict === 'violated' ? ` ${paintSeverity(severity, `[${severity}]`, paint)}` : ''}`;
    const about = paint.dim(`${claim.claim}, ${level}${claim.derived ? ', derived' : ''}`);
    if (verdict === 'holds') return `${first}  ${about}`;
    const why = because[0] ? `\n${wrap(because[0].says, width, '             ')}` : '';
    return `${first}\n             ${about}${why}`;
  });
  const hidden = holding.length - shown.length;
  return lines.length === 0
    ? ''
    : `Claims\n${lines.join('\n')}\n${hidden > 0 ? paint.dim(`    and ${hidden} more that hold\n`) : ''}`;
}

function worst(report: VerificationReport, { paint, width }: RenderOptions): string {
  const { worst: things } = report.summary;
  if (things.length === 0) return '';
  const all = worstThings(report.claims, openFindings(report.findings)).length;
  const lines = things.map(({ kind, id, severity, says, objects }, index) => {
    const where =
      objects.length === 0
        ? ''
        : objects.length === 1
          ? `${objects[0]}: `
          : `${objects[0]} and ${objects.length - 1} more: `;
    const head = `  ${index + 1}. ${paintSeverity(severity, severity.toUpperCase(), paint)}  ${kind === 'claim' ? `claim ${id}` : id}`;
    return `${head}\n${wrap(`${where}${says}`, width, '     ')}`;
  });
  const hidden = all - things.length;
  const rest =
    hidden > 0 ? paint.dim(`  and ${hidden} more kinds of problem; -o html or -o json lists everything\n`) : '';
  return `${things.length === all ? 'Worst first' : `The ${things.length} worst of ${all}`}\n${lines.join('\n')}\n${rest}`;
}

function changes(comparison: Comparison | undefined, paint: Paint): string {
  if (!comparison) return '';
  const { verdicts, connections, newFindings, fixedFindings, against } = comparison;
  const opened = connections.filter(({ opens }) => opens);
  const lines = [
    ...verdicts.map(({ claim, before, after }) => `  ${paint.bold(claim)}: ${before} → ${after}`),
    ...opened
      .slice(0, 8)
      .map(
        ({ from, to, before, after }) =>
          `  ${paint.red('+ opens')}  ${from} → ${to}: ${after ?? 'none'}${before === null ? '' : ` (was ${before})`}`,
      ),
    ...(opened.length > 8 ? [`  and ${opened.length - 8} more connections open`] : []),
    `  ${plural(opened.length, 'connection')} opened, ${connections.length - opened.length} closed or narrowed, ${plural(newFindings.length, 'new finding')}, ${fixedFindings.length} gone`,
  ];
  return `Compared with ${against}\n${lines.join('\n')}\n`;
}

function notRead({ coverage, findings }: VerificationReport, { paint, width }: RenderOptions): string {
  const gaps = [...new Map(coverage.gaps.map((gap) => [`${gap.detail} ${gap.namespace ?? ''}`, gap])).values()];
  const broken = findings.filter(
    ({ origin, accepted, check }) => origin === 'input' && accepted === undefined && check !== 'SW_DUPLICATE_OBJECT',
  );
  if (gaps.length === 0 && broken.length === 0) return '';
  const lines = [
    ...gaps.slice(0, LISTED_GAPS).map((gap) => wrap(gapLine(gap), width, '  ')),
    ...(gaps.length > LISTED_GAPS ? [`  and ${gaps.length - LISTED_GAPS} more`] : []),
    ...(gaps.length === 0
      ? broken
          .slice(0, LISTED_GAPS)
          .map(({ file, line, message }) =>
            wrap(
              `${file === undefined ? '' : `${formatPosition({ file, ...(line === undefined ? {} : { line }) })}: `}${message}`,
              width,
              '  ',
            ),
          )
      : []),
  ];
  return `${paint.yellow('? Not read')}\n${lines.join('\n')}\n`;
}

function gapLine({ detail, remedy, at }: Gap): string {
  return `${at ? `${formatPosition(at)}: ` : ''}${detail}. ${remedy}`;
}

/** The one command that helps most now. */
function next(
  { claims: judged, findings, source, level }: VerificationReport,
  { calledAs, invocation, paint }: RenderOptions,
): string {
  const suggest = (command: string, why: string): string => `Next: ${paint.bold(command)}  ${paint.dim(why)}\n`;
  const report = `${calledAs} ${invocation} -o html > report.html`;
  const live = source.kind === 'cluster' || source.kind === 'lab';
  const undecided = judged.some(
    ({ verdict, because }) => verdict === 'unknown' && because.some(({ kind }) => kind === 'parameter'),
  );
  if (live && level === 'analysed' && undecided)
    return suggest(`${calledAs} ${invocation} --level observed`, 'looks at the cluster itself, harmlessly');
  if (judged.some(({ verdict }) => verdict === 'violated') || openFindings(findings).length > 5)
    return suggest(report, 'every verdict with its evidence');
  const [first] = openFindings(findings);
  if (first) return suggest(`${calledAs} explain ${first.check}`, 'what it means and how to fix it');
  return suggest(report, 'every verdict with its evidence');
}
