import { formatPosition } from '../../model/errors.ts';
import type { JudgedClaim } from '../../claims/types.ts';
import type { RenderOptions } from '../report.ts';
import { displayWidth } from '../text-table.ts';
import { positionOf } from '../results.ts';
import type { Comparison, VerificationReport } from '../types.ts';
import { paintSeverity, paintVerdict, plural, VERDICT_SIGN, wrap } from '../wording.ts';
import { openFindings, WORST, worstThings } from '../worst-things.ts';
import { experimentsPart } from './experiments.ts';
import { formatSeverities, joinParts, nextPart, notReadPart, unjudgedPart, worstPart } from './parts.ts';

/** How many claims that are violated or unknown, hold, and connections that open, are listed before they are counted. */
const LISTED_OPEN = 10;
const LISTED_HOLDING = 5;
const LISTED_OPENED = 8;

/** The first screen of `verify`. */
export function verificationScreen(report: VerificationReport, options: RenderOptions): string {
  const { claims, findings, comparison, coverage } = report;
  // A violated claim that stands right above is not said again.
  const worst = worstThings(byReason(claims.filter(isOpen)).slice(LISTED_OPEN).flat(), openFindings(findings));
  return joinParts([
    headPart(report, options),
    claimsPart(claims, options),
    experimentsPart(report.experiments ?? [], options),
    worstPart(worst.slice(0, WORST), worst.length, options),
    comparison ? comparisonPart(comparison, options) : '',
    notReadPart(coverage, brokenInput(report), options),
    nextCommand(report, worst[0]?.kind === 'check' ? worst[0].id : undefined, options),
  ]);
}

function headPart({ source, summary, level, findings: found }: VerificationReport, options: RenderOptions): string {
  const { paint } = options;
  const { violated, unknown, holds } = summary.claims;
  const parts = [
    ...(violated > 0 ? [paint.red(`✗ ${violated} violated`)] : []),
    ...(unknown > 0 ? [paint.yellow(`? ${unknown} unknown`)] : []),
    ...(holds > 0 ? [paint.green(`✓ ${holds} ${holds === 1 ? 'holds' : 'hold'}`)] : []),
  ];
  const total = violated + unknown + holds;
  const verdicts =
    total === 0
      ? 'No claims: nothing was given and the configuration implies none'
      : `${plural(total, 'claim')}: ${parts.join('  ')}`;
  const failing = formatSeverities(summary.findings, options);
  const findings = [
    failing === '' ? 'No findings' : `Findings: ${failing}`,
    ...(summary.accepted > 0 ? [`${summary.accepted} accepted`] : []),
    ...(summary.unknownFindings > 0 ? [paint.yellow(unjudgedPart(found))] : []),
  ];
  return `${paint.bold(source.description)}  ${paint.dim(`evidence up to level ${level}`)}\n${verdicts}\n${findings.join(', ')}\n`;
}

function claimsPart(claims: readonly JudgedClaim[], options: RenderOptions): string {
  if (claims.length === 0) return '';
  const open = claims.filter(isOpen);
  // What somebody wrote down is shown before what was derived.
  const holding = claims
    .filter(({ verdict }) => verdict === 'holds')
    .sort((a, b) => Number(a.derived) - Number(b.derived));
  const groups = byReason(open);
  const hidden = groups.slice(LISTED_OPEN).flat().length;
  const shown = [...groups.slice(0, LISTED_OPEN), ...holding.slice(0, LISTED_HOLDING).map((claim) => [claim])];
  const more = [
    ...(hidden > 0 ? [`${hidden} more that are violated or unknown`] : []),
    ...(holding.length > LISTED_HOLDING ? [`${holding.length - LISTED_HOLDING} more that hold`] : []),
  ];
  const rest = more.length === 0 ? '' : options.paint.dim(`  and ${more.join(', ')}; -o wide lists every one\n`);
  return `Claims\n${shown.map((group) => groupLines(group, options)).join('')}${rest}`;
}

/** How many claims that are unknown for one reason are named before they are counted. */
const NAMED_OF_GROUP = 3;

/** Claims that are unknown for one and the same reason together, where the first of them stands. */
function byReason(open: readonly JudgedClaim[]): readonly (readonly JudgedClaim[])[] {
  const groups = Map.groupBy(open, ({ claim, verdict, because: [first] }) =>
    verdict === 'unknown' && first?.kind === 'gap' ? first.says : `claim ${claim}`,
  );
  return [...groups.values()];
}

function groupLines(group: readonly JudgedClaim[], options: RenderOptions): string {
  const [first] = group;
  if (!first || group.length === 1) return first ? claimLines(first, options) : '';
  const { paint, width } = options;
  const sign = `  ${VERDICT_SIGN.unknown} ${'unknown'.padEnd(8)} `;
  const says = `${group.length} claims for one reason: ${first.because[0]?.says ?? ''}`;
  const named = group.slice(0, NAMED_OF_GROUP).map(({ statement }) => `${wrap(statement, width, UNDER_CLAIM)}\n`);
  const rest = group.length - named.length;
  return `${wrap(says, width, UNDER_CLAIM, sign).replace(sign, paintVerdict('unknown', sign, paint))}\n${named.join('')}${
    rest > 0 ? paint.dim(`${UNDER_CLAIM}and ${rest} more; -o wide lists every one\n`) : ''
  }`;
}

function isOpen({ verdict }: JudgedClaim): boolean {
  return verdict !== 'holds';
}

const UNDER_CLAIM = ' '.repeat(13);

/** The statement; below it the id, what the verdict rests on and, where it is not a pass, the first reason. */
function claimLines(claim: JudgedClaim, { paint, width }: RenderOptions): string {
  const { verdict, statement, level, severity, because, derived, claim: id } = claim;
  const word = verdict.padEnd(8);
  const sentence = verdict === 'violated' ? `${statement} [${severity}]` : statement;
  const first = wrap(sentence, width, UNDER_CLAIM, `  ${VERDICT_SIGN[verdict]} ${word} `)
    .replace(`${VERDICT_SIGN[verdict]} ${word}`, (sign) => paintVerdict(verdict, sign, paint))
    .replace(/\[\w+\]$/, (text) => (verdict === 'violated' ? paintSeverity(severity, text, paint) : text));
  const basis = `${id}, ${level}${derived ? ', derived' : ''}`;
  if (verdict === 'holds') {
    const last = first.split('\n').at(-1) ?? '';
    const fits = displayWidth(last) + 2 + basis.length <= width;
    return fits ? `${first}  ${paint.dim(basis)}\n` : `${first}\n${UNDER_CLAIM}${paint.dim(basis)}\n`;
  }
  const about = `${UNDER_CLAIM}${paint.dim(basis)}`;
  const why = because[0] ? `${wrap(because[0].says, width, UNDER_CLAIM)}\n` : '';
  return `${first}\n${about}\n${why}`;
}

function comparisonPart(comparison: Comparison, { paint, width }: RenderOptions): string {
  const { verdicts, connections, newFindings, fixedFindings, against } = comparison;
  const opened = connections.filter(({ opens }) => opens);
  const lines = [
    ...verdicts.map(({ claim, before, after }) => `  ${paint.bold(claim)}: ${before} → ${after}`),
    ...opened.slice(0, LISTED_OPENED).map(({ from, to, before, after }) => {
      const was = before === null ? '' : ` (was ${before})`;
      return wrap(`${from} → ${to}: ${after ?? 'none'}${was}`, width, '           ', '  + opens  ');
    }),
    ...(opened.length > LISTED_OPENED ? [`  and ${opened.length - LISTED_OPENED} more connections open`] : []),
    `  ${plural(opened.length, 'connection')} opened, ${connections.length - opened.length} closed or narrowed, ${plural(newFindings.length, 'new finding')}, ${fixedFindings.length} gone`,
  ];
  return `Compared with ${against}\n${lines.join('\n')}\n`;
}

/** Documents that could not be read, as far as no gap says so already. */
function brokenInput({ findings }: VerificationReport): readonly string[] {
  return findings
    .filter(({ origin, accepted, check }) => origin === 'input' && !accepted && check !== 'SW_DUPLICATE_OBJECT')
    .map((finding) => {
      const at = positionOf(finding);
      return `${at === undefined ? '' : `${formatPosition(at)}: `}${finding.message}`;
    });
}

/** `worst` is the check that stands first among the worst things, where it is a check. */
function nextCommand(
  { claims, source, level }: VerificationReport,
  worst: string | undefined,
  options: RenderOptions,
): string {
  const { calledAs, invocation } = options;
  const live = source.kind === 'cluster' || source.kind === 'lab';
  const undecided = claims.some(
    ({ verdict, because }) => verdict === 'unknown' && because.some(({ kind }) => kind === 'parameter'),
  );
  if (live && level === 'analysed' && undecided)
    return nextPart(`${calledAs} ${invocation} --level observed`, 'looks at the cluster itself, harmlessly', options);
  if (worst !== undefined && !claims.some(({ verdict }) => verdict === 'violated'))
    return nextPart(`${calledAs} explain ${worst}`, 'what it means and how to fix it', options);
  return nextPart(`${calledAs} ${invocation} -o html > report.html`, 'every verdict with its evidence', options);
}
