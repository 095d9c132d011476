import type { Severity } from '../../model/because.ts';
import { formatPosition } from '../../model/errors.ts';
import { formatRef } from '../../model/object.ts';
import { openFailures, type CheckReport } from '../check-report.ts';
import type { RenderOptions } from '../report.ts';
import { formatTable } from '../text-table.ts';
import { plural, wrap } from '../wording.ts';
import { worstChecks } from '../worst-things.ts';
import { formatSeverities, joinParts, nextPart, notReadPart, unjudgedPart, worstPart } from './parts.ts';

/** The first screen of `check`. */
export function checkScreen(report: CheckReport, options: RenderOptions): string {
  const worst = worstChecks(openFailures(report.results));
  return joinParts([
    headPart(report, options),
    worstPart(worst.slice(0, 5), worst.length, options),
    byCheckPart(report),
    suppressionsPart(report),
    notReadPart(
      report.coverage,
      report.findings.map(({ message, at }) => `${at ? `${formatPosition(at)}: ` : ''}${message}`),
      options,
    ),
    nextCommand(worst[0]?.id, options),
  ]);
}

function headPart({ summary, source, results, coverage }: CheckReport, options: RenderOptions): string {
  if (coverage.read.length === 0 && results.length === 0)
    return `${options.paint.yellow('Nothing was checked')}: there is no object of a cluster in ${source}\n`;
  const { bySeverity, fail, accepted, unknown, pass, checks } = summary;
  const found =
    fail === 0
      ? unknown > 0
        ? options.paint.yellow('nothing is known to fail')
        : options.paint.green('nothing fails')
      : `${plural(fail, 'finding')}: ${formatSeverities(bySeverity, options)}`;
  const rest = [
    ...(accepted > 0 ? [`${accepted} accepted`] : []),
    ...(unknown > 0 ? [options.paint.yellow(unjudgedPart(results))] : []),
    `${pass} passed`,
  ];
  return `${wrap(`${found}; ${rest.join('; ')} (${plural(checks, 'check')} on ${source})`, options.width, '  ', '')}\n`;
}

interface Row {
  readonly severity: Severity;
  fail: number;
  unknown: number;
  readonly objects: Set<string>;
}

function byCheckPart({ results }: CheckReport): string {
  const found = new Map<string, Row>();
  for (const { check, severity, verdict, accepted, object } of results) {
    if (verdict !== 'unknown' && (verdict !== 'fail' || accepted)) continue;
    const row = found.get(check) ?? { severity, fail: 0, unknown: 0, objects: new Set() };
    row[verdict]++;
    if (verdict === 'fail') row.objects.add(formatRef(object));
    found.set(check, row);
  }
  const rows = [...found].map(([check, { severity, fail, unknown, objects }]) => [
    severity,
    check,
    fail === 0 ? '' : String(fail),
    unknown === 0 ? '' : String(unknown),
    objects.size === 0 ? '' : String(objects.size),
  ]);
  return rows.length === 0 ? '' : formatTable(['SEVERITY', 'CHECK', 'FAIL', 'UNKNOWN', 'OBJECTS'], rows);
}

function suppressionsPart({ suppressions }: CheckReport): string {
  const lines = suppressions.map(
    ({ status, check, object, says }) =>
      `  ${status === 'inForce' ? 'accepted' : status}  ${formatRef(object)} ${check}: ${says}\n`,
  );
  return lines.length === 0 ? '' : `Suppressions\n${lines.join('')}`;
}

function nextCommand(worst: string | undefined, options: RenderOptions): string {
  const { calledAs, invocation } = options;
  if (worst !== undefined) return nextPart(`${calledAs} explain ${worst}`, '(-o wide lists every finding)', options);
  return nextPart(`${calledAs} ${invocation} --show-passed -o wide`, 'what was looked at', options);
}
