import type { NetworkAnalysis } from '../../analysis/network/index.ts';
import type { ProbePlan } from '../../analysis/network/probe-plan/plan.ts';
import type { Residue } from '../../experiments/faults/define-fault.ts';
import type { CanaryResult } from '../../experiments/reach-probe/canary.ts';
import type { ProbeCell, ProbeFinding } from '../../experiments/reach-probe/types.ts';
import type { API_VERSION } from '../../model/api-version.ts';
import type { Coverage } from '../../model/snapshot.ts';
import { formatRows } from '../rows.ts';

/** What `reach probe` prints with `-o json`: the connections of running workloads, or those of a canary. */
export type ProbeReport = WorkloadsReport | CanaryReport;

interface ProbeReportHead {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: 'ProbeReport';
  readonly profile: string;
  readonly context: string;
  readonly cells: readonly ProbeCell[];
  readonly findings: readonly ProbeFinding[];
  /** Of the cells, how many packets confirm, refute, and leave open. */
  readonly summary: { readonly agree: number; readonly disagree: number; readonly unknown: number };
}

/** Connections between the pods that run, with what the plan left out. */
export interface WorkloadsReport extends ProbeReportHead, Pick<ProbePlan, 'boundaries' | 'leftOut'> {
  readonly mode: 'workloads';
  readonly problems: NetworkAnalysis['problems'];
  readonly undecided: NetworkAnalysis['gaps'];
  readonly coverage: Coverage;
}

/** Connections within a namespace of our own, and what they show of each feature on each node. */
export interface CanaryReport extends ProbeReportHead, Omit<CanaryResult, 'cells' | 'findings'> {
  readonly mode: 'canary';
  readonly residue: readonly Residue[];
}

/** How many cells packets confirm, refute, and leave open. */
export function countAgreement(cells: readonly ProbeCell[]): ProbeReport['summary'] {
  const of = (agree: ProbeCell['agree']): number => cells.filter((cell) => cell.agree === agree).length;
  return { agree: of(true), disagree: of(false), unknown: of('unknown') };
}

/** The report in a format made of rows: a canary as a line for each feature in a table, its connections elsewhere. */
export function formatProbe(report: ProbeReport, format: string): string {
  return report.mode === 'canary' && format === 'table'
    ? formatEnforcement(report.enforcement)
    : formatCells(format, report.cells);
}

function formatCells(format: string, cells: readonly ProbeCell[]): string {
  const word = (agree: ProbeCell['agree']): string =>
    agree === 'unknown' ? '? unknown' : agree ? '= agrees' : '! DIFFERS';
  const rows = cells.map((cell) => [
    word(cell.agree),
    cell.fromPod,
    cell.toPod,
    `${cell.port}/${cell.protocol}`,
    cell.predicted,
    cell.outcome,
    cell.control,
    cell.via === 'pod' ? cell.placement : cell.via,
  ]);
  return formatRows(format, ['agree', 'from', 'to', 'port', 'predicted', 'outcome', 'control', 'way'], rows);
}

/** A line for each feature and verdict, with the nodes. */
function formatEnforcement(enforcement: CanaryResult['enforcement']): string {
  const lines = [
    ...Map.groupBy(
      enforcement,
      ({ feature, verdict, says }) => `${feature} ${verdict} ${verdict === 'enforced' ? '' : says}`,
    ),
  ];
  const sign = { enforced: '=', notEnforced: '!', notTestable: '-', unknown: '?' } as const;
  return formatRows(
    'table',
    ['feature', 'verdict', 'nodes', 'within', 'says'],
    lines.flatMap(([, [first, ...others]]) => {
      if (!first) return [];
      const all = [first, ...others];
      const within = Math.max(...all.map(({ convergedAfterMs = 0 }) => convergedAfterMs));
      return [
        [
          first.feature,
          `${sign[first.verdict]} ${first.verdict}`,
          all.map(({ node }) => node).join(','),
          first.verdict !== 'enforced' ? '' : within === 0 ? 'at once' : `${within} ms`,
          first.verdict === 'enforced' ? first.title : first.says,
        ],
      ];
    }),
  );
}

/** What a person is told beside the rows: findings, what a canary saw of nodes, what it left behind, and the sum. */
export function probeSummary(report: ProbeReport): readonly string[] {
  const { agree, disagree, unknown } = report.summary;
  return [
    ...report.findings.map(({ severity, says }) => `${severity}: ${says}`),
    ...(report.mode === 'canary' ? canarySummary(report) : []),
    `${agree} agree, ${disagree} differ, ${unknown} unknown`,
  ];
}

function canarySummary(report: CanaryReport): readonly string[] {
  const { enforces, nodePorts, nodeProbes, startWindow, openConnection, residue } = report;
  return [
    ...nodePorts.map(({ node, says }) => `port of node ${node}: ${says}`),
    ...nodeProbes.map(({ node, says }) => `kubelet of ${node}: ${says}`),
    ...startWindow.map(({ node, says }) => `start of a pod on ${node}: ${says}`),
    `open connections: ${openConnection.outcome}; ${openConnection.says}`,
    ...residue.map(({ what, remedy }) => `left behind: ${what} (${remedy})`),
    `policies are ${enforces === true ? 'enforced' : enforces ? 'not proven to be enforced' : 'NOT enforced'}`,
  ];
}
