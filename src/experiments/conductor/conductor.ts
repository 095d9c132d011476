import { claimId } from '../../claims/claim.ts';
import { parseDuration } from '../../model/duration.ts';
import { messageOf } from '../../model/errors.ts';
import { runRecord } from './ended-run.ts';
import { createEnding } from './ending.ts';
import { createTreatment } from './treatment.ts';
import { createPhases } from './phases.ts';
import { runDesign } from './run-design.ts';
import type { RunEvent } from './run-event.ts';

import { reasonToStop } from './safety-stop.ts';
import { notSteady } from './steady-state.ts';
import { heartbeat, timeToLive } from './timers.ts';
import type { ExperimentRun } from '../design/run-record.ts';
import type { FaultContext } from '../faults/define-fault.ts';
import type { Guard } from '../journal/guard.ts';
import type { Injector } from '../journal/injector.ts';
import type { PreparedExperiment } from '../plan.ts';
import { createSampler } from './sampler.ts';

/** What a run needs beside the experiment and the cluster. */
export interface ConductOptions {
  readonly injector: Injector;
  readonly seed: number;
  readonly onEvent?: (event: RunEvent) => void;
  readonly ourselves?: readonly string[];
  readonly guard?: Guard;
}

/**
 * Runs a prepared experiment: steady state first, then faults with the claims watched beside them, then the way back,
 * which is taken however the run ends. Aborting `at.signal` ends it at once. Never rejects once anything was changed.
 */
export async function conduct(
  prepared: PreparedExperiment,
  options: ConductOptions,
  at: FaultContext,
): Promise<ExperimentRun> {
  const { experiment, probes } = prepared;
  const { spec } = experiment;
  const { injector, guard } = options;
  const { clock } = at;
  const startedAt = clock.now().toISOString();
  const tell = (event: RunEvent): void => options.onEvent?.(event);

  const ending = createEnding(tell);
  const interrupted = (): void => ending.leave('aborted', 'somebody stopped it');
  at.signal.addEventListener('abort', interrupted, { once: true });
  if (at.signal.aborted) interrupted();
  const ttl = timeToLive(ms(spec.ttl), clock, () =>
    ending.leave('stopped', `its time to live of ${spec.ttl} was over`),
  );
  const treatment = createTreatment({ ...options, prepared, at, ttl, ending, tell });
  const sampler = createSampler({
    probes,
    everyMs: ms(spec.every),
    clock,
    now: () => phases.now(),
    arms: () => treatment.groups,
    onPoint(claim, group, point) {
      tell({ kind: 'point', claim, group, point });
      if (group !== 'all' || injector.active.length === 0) return;
      const reason = reasonToStop(
        {
          rules: spec.stopWhen,
          claims: probes.map((probe) => claimId(probe.claim)),
          everyMs: ms(spec.every),
          since: startedAt,
          pointsOf: sampler.points,
        },
        claim,
        point,
      );
      if (reason !== undefined) ending.stop('stopped', reason);
    },
  });
  const phases = createPhases({ clock, ending, probes, pointsOf: sampler.points, tell });

  const sampling = new AbortController();
  const watching = sampler.run(sampling.signal);
  const beating = heartbeat(injector, { ...at, signal: sampling.signal }, () =>
    ending.stop('failed', 'another process has taken over cleaning up'),
  );
  try {
    await phases.pass('before', ms(spec.design.before));
    const unsteady = ending.why ? undefined : notSteady(probes, sampler.points);
    if (unsteady) ending.stop(unsteady.state, unsteady.because);
    if (!ending.why) await runDesign({ design: spec.design, phases, treatment, ending, rng: at.rng });
  } catch (thrown) {
    ending.stop('failed', messageOf(thrown));
  }
  try {
    // Half taken back is no fault any more: what is seen meanwhile speaks for neither.
    if (injector.active.length > 0) phases.enter({ phase: 'washout' });
    await treatment.takeBack();
    // After a stop the way back is still watched, for as long as the design says.
    if (treatment.records.some(({ appliedAt }) => appliedAt !== undefined) && !ending.left.aborted)
      await phases.afterwards(ms(spec.design.after));
  } finally {
    sampling.abort();
    await Promise.all([watching, beating, ttl.cancel()]);
    // What could not be taken back stays watched: the guard tries again when this process has ended.
    if (treatment.records.every(({ residue }) => residue.length === 0)) await guard?.release(at.run);
    at.signal.removeEventListener('abort', interrupted);
  }

  return runRecord({ prepared, options, at, startedAt, ending, phases, sampler, treatment });
}

/** Durations of an experiment were validated when it was read. */
function ms(written: string): number {
  return parseDuration(written) ?? 0;
}
