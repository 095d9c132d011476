import type { JudgedClaim } from '../claims/types.ts';
import type { ExperimentRun } from '../experiments/design/run-record.ts';
import type { ExperimentReport } from './types.ts';

const OUTCOMES: Readonly<Record<ExperimentRun['state'], ExperimentReport['outcome']>> = {
  completed: 'completed',
  stopped: 'stopped',
  aborted: 'aborted',
  steadyStateNotMet: 'refused',
  steadyStateUnknown: 'refused',
  failed: 'stopped',
};

/** A run as a report draws it: times in seconds from its start, looks as shares of success. */
export function experimentReport(run: ExperimentRun, claims: readonly JudgedClaim[]): ExperimentReport {
  const start = Date.parse(run.startedAt);
  const second = (at: string | undefined, otherwise: number): number =>
    at === undefined ? otherwise : Math.round((Date.parse(at) - start) / 100) / 10;
  const seconds = second(run.endedAt, 0);
  const statements = new Map(claims.map(({ claim, statement }) => [claim, statement]));
  return {
    name: run.metadata.name,
    startedAt: run.startedAt,
    seconds,
    outcome: OUTCOMES[run.state],
    ...(run.because === undefined ? {} : { outcomeSays: run.because }),
    design: run.design.kind,
    phases: run.phases.map(({ name, from, to }) => ({
      name,
      from: second(from, 0),
      to: second(to, seconds),
      fault: name === 'during' || name === 'on',
    })),
    faults: run.faults
      .filter(({ appliedAt }) => appliedAt !== undefined)
      .map(({ fault, says, appliedAt, undoneAt, bit }) => ({
        kind: fault,
        says,
        from: second(appliedAt, 0),
        to: second(undoneAt, seconds),
        bit: bit.bit,
      })),
    // A look that could see nothing has no place on the curve.
    curves: run.series.map(({ claim, points }) => ({
      claim,
      statement: statements.get(claim) ?? claim,
      points: points
        .filter(({ verdict }) => verdict !== 'unknown')

        .map(({ at, verdict, milliseconds, counted }) => ({
          t: second(at, 0),
          ok: verdict === 'holds' ? 1 : 0,
          counted,
          ...(milliseconds === undefined ? {} : { latencyMs: milliseconds }),
        })),
    })),
    verdicts: run.verdicts.map(({ claim, statement, verdict, because }) => ({
      claim,
      statement,
      verdict,
      says: because[0]?.says ?? '',
    })),
    residue: run.residue.map(({ what, remedy }) => `${what} (${remedy})`),
  };
}
