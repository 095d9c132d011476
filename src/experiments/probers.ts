import { claimId, isReferredTo, type Claim } from '../claims/claim.ts';
import type { ClaimEvidence, Prober } from '../claims/ports.ts';
import { messageOf, SeaworthyError } from '../model/errors.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { experimentsFor, type GenerateOptions } from './design/generate.ts';
import { mergeByFault } from './design/merge.ts';
import type { ExperimentPlan, ExperimentRun } from './design/run-record.ts';
import { storyOf } from './design/story.ts';
import { prepare } from './plan.ts';
import type { ClaimProbe, ClaimSample, ClaimWorld } from './probes/claims/claim-probe.ts';
import { probeFor } from './probes/for-claims.ts';
import { mapLimited } from './probes/limited.ts';
import type { Experiment } from './schema.ts';
import { runExperiment, type RunOptions, type Session } from './session.ts';

/** A look that could not decide is repeated this often: pods may be starting, policies not there yet. */
const TRIES = 3;
const BETWEEN_TRIES_MS = 1_000;
/** Looks that a claim with a tolerance is judged by once one of them was bad. */
const LOOKS = 10;
const BETWEEN_LOOKS_MS = 200;
/** Claims looked at side by side: most of the time of a look is waiting for what never answers. */
const AT_A_TIME = 12;

/** Looks at each claim on the live cluster: evidence at level `observed`. Changes nothing. */
export function observingProber(world: ClaimWorld): Prober {
  return {
    level: 'observed',
    announcement:
      'Connections are opened from inside pods (exec), access reviews asked, and objects created as a dry run. Nothing is changed.',
    async *observe(claims, signal) {
      let again: Promise<Snapshot> | undefined;
      // One pass is one moment: the configuration is read again once for all claims that need it.
      const here: ClaimWorld = { ...world, signal, reread: () => (again ??= world.reread()) };
      // How a service does is asked first and by itself: the rest of the probing would be load on it.
      const services = claims.filter(({ kind }) => kind === 'steadyState');
      const others = claims.filter(({ kind }) => kind !== 'steadyState');
      for (const claim of services) yield await observeOne(claim, here);
      yield* await mapLimited(others, AT_A_TIME, (claim) => observeOne(claim, here));
    },
  };
}

async function observeOne(claim: Claim, world: ClaimWorld): Promise<ClaimEvidence> {
  const probe = probeFor(claim, world);
  let sample = await probe.sample();
  for (let tries = 1; tries < TRIES && sample.verdict === 'unknown' && probe.neverDecides !== true; tries++) {
    if (world.signal.aborted) break;
    await world.clock.sleep(BETWEEN_TRIES_MS, world.signal);
    sample = await probe.sample();
  }
  const judged = sample.verdict === 'violated' && probe.tolerance ? await lookAgain(probe, sample, world) : sample;
  return {
    claim: claimId(claim),
    evidence: {
      level: 'observed',
      verdict: judged.verdict,
      observedAt: judged.at,
      because: judged.because,
      source: `probe ${probe.uses.join(', ')}`,
    },
  };
}

/** A claim that tolerates some bad answers is not judged by one: its share of good ones decides. */
async function lookAgain(
  probe: ClaimProbe,
  first: ClaimSample,
  world: ClaimWorld,
): Promise<Pick<ClaimSample, 'verdict' | 'at' | 'because'>> {
  const wanted = probe.tolerance?.successRatio ?? 1;
  if (wanted >= 1) return first;
  const looks = [first];
  while (looks.length < LOOKS && !world.signal.aborted) {
    await world.clock.sleep(BETWEEN_LOOKS_MS, world.signal);
    looks.push(await probe.sample());
  }
  const decided = looks.filter(({ verdict }) => verdict !== 'unknown');
  const good = decided.filter(({ verdict }) => verdict === 'holds').length;
  const says = `${good} of ${decided.length} looks were good, ${(wanted * 100).toFixed(0)} % are wanted`;
  const verdict = good / decided.length >= wanted ? 'holds' : 'violated';
  return {
    verdict,
    at: first.at,
    because: [{ kind: 'observation', observedAt: first.at, says }, ...first.because],
  };
}

/** What claims may be proven with. */
export interface ProvingOptions extends RunOptions {
  readonly session: () => Promise<Session>;
  /** Experiments somebody wrote. */
  readonly experiments: readonly Experiment[];
  /** More are made from what the claims rely on; none when absent. */
  readonly generate?: GenerateOptions;
  /** Ids of claims known to be violated: there is nothing left to prove of them, so none is generated for them. */
  readonly violated?: () => ReadonlySet<string>;
  /** Told of each experiment before it is run: what it will touch. */
  readonly onPlan?: (plan: ExperimentPlan) => void;
  /** Told of each run as it ends, for the report. */
  readonly onRun?: (run: ExperimentRun) => void;
}

/**
 * Tries claims with the experiments given, then with experiments generated from what the claims rely on, one after the
 * other: evidence at level `proven`. Breaks things, and mends them.
 */
export function provingProber(options: ProvingOptions): Prober {
  return {
    level: 'proven',
    announcement: 'things are broken on purpose, within the blast radius of each experiment, and mended again.',
    async *observe(claims) {
      let session = await options.session();
      const { facts } = session.world;
      const violated = options.violated?.() ?? new Set<string>();
      const open = claims.filter((claim) => !violated.has(claimId(claim)));
      const generated = options.generate ? mergeByFault(experimentsFor(open, facts, options.generate)) : [];
      for (const [index, experiment] of [...options.experiments, ...generated].entries()) {
        if (session.at.signal.aborted) return;
        if (index > 0) {
          await comeToRest(experiment, claims, session);
          session = await options.session();
        }
        yield* await tryOut(experiment, claims, session, options);
      }
    },
  };
}

/** Most time a cluster is given to come to rest between two experiments, and how often it is looked at. */
const REST_MS = 20_000;
const REST_LOOK_MS = 1_000;

/** What one experiment has shaken is not to be found out of order by the next: waits while claims of it do not hold. */
async function comeToRest(experiment: Experiment, claims: readonly Claim[], { world, at }: Session): Promise<void> {
  const probes = experiment.spec.hypothesis.flatMap(({ claim }) => {
    const found = claims.find((candidate) => isReferredTo(candidate, claim));
    return found ? [probeFor(found, world)] : [];
  });
  for (let waited = 0; waited < REST_MS && !at.signal.aborted; waited += REST_LOOK_MS) {
    const looks = await Promise.all(probes.map((probe) => probe.sample()));
    if (looks.every(({ verdict }) => verdict === 'holds')) return;
    await at.clock.sleep(REST_LOOK_MS, at.signal);
  }
}

/** Runs one experiment. What keeps it from being run is evidence too: nothing is known of its claims. */
async function tryOut(
  experiment: Experiment,
  claims: readonly Claim[],
  session: Session,
  options: ProvingOptions,
): Promise<readonly ClaimEvidence[]> {
  try {
    const known = { claims, seed: session.seed, ...(options.ourselves ? { ourselves: options.ourselves } : {}) };
    const prepared = await prepare(experiment, known, session.world, session.at);
    options.onPlan?.(prepared.plan);
    const run = await runExperiment(prepared, session, options);
    options.onRun?.(run);
    return evidenceOf(run);
  } catch (thrown) {
    // A file that names what is not there is a mistake of whoever wrote it, not a state of the cluster.
    if (thrown instanceof SeaworthyError && thrown.code.startsWith('SW_EXPERIMENT_')) throw thrown;
    const observedAt = session.at.clock.now().toISOString();
    const says = `experiment ${experiment.metadata.name} could not be run: ${messageOf(thrown)}`;
    return experiment.spec.hypothesis.flatMap(({ claim }) => {
      const found = claims.find((candidate) => isReferredTo(candidate, claim));
      if (!found) return [];
      const evidence = {
        level: 'proven' as const,
        verdict: 'unknown' as const,
        observedAt,
        because: [{ kind: 'observation' as const, observedAt, says }],
        source: `experiment ${experiment.metadata.name}`,
      };
      return [{ claim: claimId(found), evidence }];
    });
  }
}

/** What a run is worth as evidence on its claims: the story of the run first, then what the verdict rests on. */
function evidenceOf(run: ExperimentRun): readonly ClaimEvidence[] {
  return run.verdicts.map(({ claim, verdict, level, observedAt, because }) => ({
    claim,
    evidence: {
      level,
      verdict,
      observedAt,
      because: [{ kind: 'observation', observedAt, says: storyOf(run, claim) }, ...because],
      source: `experiment ${run.metadata.name}`,
    },
  }));
}
