import { claimId, type Claim } from '../claims/claim.ts';
import type { ClaimEvidence, Prober } from '../claims/ports.ts';
import { messageOf } from '../model/errors.ts';
import { experimentsFor, type GenerateOptions } from './design/generate.ts';
import type { ExperimentRun } from './design/run-record.ts';
import { prepare } from './plan.ts';
import type { ClaimWorld } from './probes/claims/claim-probe.ts';
import { probeFor } from './probes/for-claims.ts';
import { runExperiment, type RunOptions, type Session } from './session.ts';

/** A look that could not decide is repeated this often: pods may be starting, policies not there yet. */
const TRIES = 3;
const BETWEEN_TRIES_MS = 1_000;

/** Looks at each claim on the live cluster: evidence at level `observed`. Changes nothing. */
export function observingProber(world: ClaimWorld): Prober {
  return {
    level: 'observed',
    announcement:
      'Connections are opened from inside pods (exec), access reviews asked, and objects created as a dry run. Nothing is changed.',
    async *observe(claims, signal) {
      for (const claim of claims) {
        if (signal.aborted) return;
        yield await observeOne(claim, { ...world, signal });
      }
    },
  };
}

async function observeOne(claim: Claim, world: ClaimWorld): Promise<ClaimEvidence> {
  const probe = probeFor(claim, world);
  let sample = await probe.sample();
  for (let tries = 1; tries < TRIES && sample.verdict === 'unknown' && !world.signal.aborted; tries++) {
    await world.clock.sleep(BETWEEN_TRIES_MS, world.signal);
    sample = await probe.sample();
  }
  return {
    claim: claimId(claim),
    evidence: {
      level: 'observed',
      verdict: sample.verdict,
      observedAt: sample.at,
      because: sample.because,
      source: `probe ${probe.uses.join(', ')}`,
    },
  };
}

export interface ProvingOptions extends RunOptions, GenerateOptions {
  readonly session: () => Promise<Session>;
  /** Told of each run as it ends, for the report. */
  readonly onRun?: (run: ExperimentRun) => void;
}

/** Tries claims with experiments generated from what they rely on: evidence at level `proven`. Breaks things, and mends them. */
export function provingProber(options: ProvingOptions): Prober {
  return {
    level: 'proven',
    announcement: 'Things are broken on purpose, within the blast radius shown, and mended again.',
    async *observe(claims) {
      const first = await options.session();
      for (const experiment of experimentsFor(claims, first.world.facts, options)) {
        const session = await options.session();
        if (session.at.signal.aborted) return;
        try {
          const prepared = await prepare(
            experiment,
            { claims, ...(options.ourselves ? { ourselves: options.ourselves } : {}) },
            session.world,
            session.at,
          );
          const run = await runExperiment(prepared, session, options);
          options.onRun?.(run);
          yield* evidenceOf(run);
        } catch (thrown) {
          const observedAt = session.at.clock.now().toISOString();
          for (const { claim } of experiment.spec.hypothesis) {
            const says = `experiment ${experiment.metadata.name} could not be run: ${messageOf(thrown)}`;
            yield {
              claim,
              evidence: {
                level: 'proven',
                verdict: 'unknown',
                observedAt,
                because: [{ kind: 'observation', observedAt, says }],
                source: `experiment ${experiment.metadata.name}`,
              },
            };
          }
        }
      }
    },
  };
}

/** What a run is worth as evidence on its claims. */
export function evidenceOf(run: ExperimentRun): readonly ClaimEvidence[] {
  return run.verdicts.map(({ claim, verdict, level, observedAt, because }) => ({
    claim,
    evidence: { level, verdict, observedAt, because, source: `experiment ${run.metadata.name}` },
  }));
}
