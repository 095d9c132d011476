import { API_VERSION } from '../../model/api-version.ts';
import { claimId } from '../../claims/claim.ts';
import { statementOf } from '../../claims/judge.ts';
import { blastRadius } from '../design/blast-radius.ts';
import { judgeRun } from '../design/judge-run.ts';
import type { ExperimentRun } from '../design/run-record.ts';
import type { FaultContext, TreatmentCheck } from '../faults/define-fault.ts';
import type { PreparedExperiment } from '../plan.ts';
import type { Sampler } from './sampler.ts';
import type { Ending } from './ending.ts';
import type { Phases } from './phases.ts';
import type { Treatment } from './treatment.ts';

/** A run that has ended, in the hands of those who watched it. */
interface EndedRun {
  readonly prepared: PreparedExperiment;
  readonly options: { readonly seed: number; readonly ourselves?: readonly string[] };
  readonly at: FaultContext;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly ending: Ending;
  readonly phases: Phases;
  readonly sampler: Sampler;
  readonly treatment: Treatment;
}

/** What is kept of a run that has ended, each claim judged by what was seen of it. */
export function runRecord(run: EndedRun): ExperimentRun {
  const { prepared, options, at, startedAt, phases, sampler, treatment } = run;
  const { experiment, probes } = prepared;
  const { why } = run.ending;
  const state = why?.state ?? 'completed';
  const faults = treatment.records;
  const bits = faults.map(({ bit }) => bit);
  const judgedWith = {
    design: experiment.spec.design,
    state,
    ...(why ? { stateBecause: why.because } : {}),
    bit: bitOf(bits),
    bitSays: [...new Set(bits.map(({ says }) => says))],
  };
  return {
    apiVersion: API_VERSION,
    kind: 'ExperimentRun',
    metadata: { name: experiment.metadata.name, run: at.run },
    context: at.cluster.context,
    server: at.cluster.server,
    state,
    ...(why ? { because: why.because } : {}),
    startedAt,
    endedAt: at.clock.now().toISOString(),
    design: experiment.spec.design,
    seed: options.seed,
    blastRadius: blastRadius(experiment.spec.blastRadius, treatment.touched, options.ourselves),
    phases: phases.passed,
    faults,
    series: sampler.series,
    verdicts: probes.map(({ claim, tolerance }) => ({
      claim: claimId(claim),
      statement: statementOf(claim),
      severity: claim.severity,
      observedAt: sampler.points(claimId(claim)).at(-1)?.at ?? startedAt,
      ...judgeRun({
        ...judgedWith,
        series: sampler.series.filter((series) => series.claim === claimId(claim)),
        ...(tolerance ? { tolerance } : {}),
      }),
    })),
    residue: faults.flatMap(({ residue }) => residue),
  };
}

/** Whether every fault bit, as far as is known. */
function bitOf(checks: readonly TreatmentCheck[]): boolean | 'unknown' {
  if (checks.some(({ bit }) => bit === false)) return false;
  return checks.length > 0 && checks.every(({ bit }) => bit === true) ? true : 'unknown';
}
