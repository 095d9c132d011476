import { claimId, isReferredTo, type Claim } from '../claims/claim.ts';
import { statementOf } from '../claims/judge.ts';
import { API_VERSION } from '../model/api-version.ts';
import { formatDuration, parseDuration } from '../model/duration.ts';
import { SeaworthyError } from '../model/errors.ts';
import { nearest } from '../model/suggest.ts';
import { drawGroups } from './groups.ts';
import { blastRadius } from './design/blast-radius.ts';
import type { ExperimentPlan } from './design/run-record.ts';
import { endingOf, type Fault, type FaultContext, type Injection, type PlannedFault } from './faults/define-fault.ts';
import { faultKey, faultOf, FAULTS } from './faults/index.ts';
import type { Rng } from './ports.ts';
import type { ClaimProbe, ClaimWorld } from './probes/claims/claim-probe.ts';
import { probeFor } from './probes/for-claims.ts';
import type { Design, Experiment } from './schema.ts';
import { seededRng } from './statistics/random.ts';

/** An experiment made ready to be run on this cluster. */
export interface PreparedExperiment {
  readonly experiment: Experiment;
  readonly claims: readonly Claim[];
  readonly probes: readonly ClaimProbe[];
  readonly faults: readonly PlannedFault[];
  readonly plan: ExperimentPlan;
}

/** What an experiment is planned with. */
export interface PlanOptions {
  readonly claims: readonly Claim[];
  /** Pods that must not be touched: `namespace/name`. */
  readonly ourselves?: readonly string[];
  /** Of the run: the pods that are shown are then those that are hit, unless the cluster has changed meanwhile. */
  readonly seed?: number;
}

/** Reads what the experiment would meet and touch. Changes nothing. Throws when a fault can't be applied here. */
export async function prepare(
  experiment: Experiment,
  options: PlanOptions,
  world: ClaimWorld,
  at: FaultContext,
): Promise<PreparedExperiment> {
  const { spec } = experiment;
  const claims = spec.hypothesis.map(({ claim }) => findClaim(claim, options.claims));
  for (const { claim } of spec.stopWhen) {
    const found = findClaim(claim, options.claims);
    if (!claims.includes(found)) {
      throw new SeaworthyError(
        'SW_EXPERIMENT_INVALID',
        `stopWhen names ${claim}, which is not part of the hypothesis`,
        {
          hint: 'Only claims that are watched can stop a run: add it to spec.hypothesis.',
        },
      );
    }
  }
  const probes = claims.map((claim) => probeFor(claim, world));
  const faults = spec.faults.map((given) => plannedFault(given));
  const injections = await preflight(faults, {
    ...at,
    ttlMs: Math.min(at.ttlMs, parseDuration(spec.ttl) ?? at.ttlMs),
    rng: options.seed === undefined ? at.rng : rngOfDraw(options.seed, 0),
  });
  if (spec.design.kind === 'parallel') await drawGroups(injections, faults, at);
  const radius = blastRadius(spec.blastRadius, injections, options.ourselves);
  const notes = notesOn(spec, faults, probes);
  return {
    experiment,
    claims,
    probes,
    faults,
    plan: {
      apiVersion: API_VERSION,
      kind: 'ExperimentPlan',
      metadata: { name: experiment.metadata.name },
      context: at.cluster.context,
      server: at.cluster.server,
      hypothesis: probes.map((probe) => ({
        claim: claimId(probe.claim),
        statement: statementOf(probe.claim),
        looks: probe.plan,
      })),
      faults: injections.map((injection) => plannedInjection(injection)),
      design: spec.design,
      lastsMs: lastsMs(spec.design),
      blastRadius: radius,
      stopWhen: spec.stopWhen,
      notes,
    },
  };
}

function plannedInjection(injection: Injection): ExperimentPlan['faults'][number] {
  const { fault: id, says, touches } = injection;
  const fault = faultOf(id);
  if (!fault) throw new SeaworthyError('SW_EXPERIMENT_INVALID', `there is no fault ${id}`);
  return { fault: id, title: fault.title, tier: fault.tier, says, touches, endsBy: endingOf(fault, injection) };
}

/** The chance of one draw of targets: the first is that of the plan, later ones those of later blocks. */
export function rngOfDraw(seed: number, draw: number): Rng {
  return seededRng((seed ^ Math.imul(draw + 1, 0x9e3779b1)) >>> 0);
}

/** Preflight of every fault, in order. Throws when one can't be applied here. */
export async function preflight(faults: readonly PlannedFault[], at: FaultContext): Promise<readonly Injection[]> {
  const injections: Injection[] = [];
  for (const { fault, parameters } of faults) {
    const ready = await fault.preflight(parameters, at);
    if (ready.kind === 'refused') {
      throw new SeaworthyError('SW_FAULT_REFUSED', `${fault.id} can't be applied here: ${ready.because}`, {
        hint: 'Nothing was changed.',
      });
    }
    injections.push(...ready.injections);
  }
  return injections;
}

/** Ends the work when more would be touched than the experiment allows. */
export function enforceBlastRadius({ within, because }: ExperimentPlan['blastRadius']): void {
  if (within) return;
  throw new SeaworthyError('SW_BLAST_RADIUS_EXCEEDED', because.join('; '), {
    hint: 'Narrow the target, or widen spec.blastRadius if you mean it. Nothing was changed.',
  });
}

function findClaim(reference: string, claims: readonly Claim[]): Claim {
  const found = claims.filter((claim) => isReferredTo(claim, reference));
  if (found.length === 1 && found[0]) return found[0];
  if (found.length > 1) {
    throw new SeaworthyError(
      'SW_EXPERIMENT_CLAIM_AMBIGUOUS',
      `${reference} may be ${found.map(claimId).join(' or ')}`,
      { hint: 'Write it with its namespace.' },
    );
  }
  const near = nearest(reference, claims.map(claimId));
  throw new SeaworthyError('SW_EXPERIMENT_CLAIM_NOT_FOUND', `there is no claim ${reference}`, {
    hint:
      near === undefined
        ? 'Give the file of its claims with --claims; `seaworthy claims list` names all of them.'
        : `Did you mean ${near}?`,
  });
}

function plannedFault(given: Experiment['spec']['faults'][number]): PlannedFault {
  for (const fault of FAULTS as readonly Fault[]) {
    const parameters = (given as Readonly<Record<string, unknown>>)[faultKey(fault.id)];
    if (parameters !== undefined) return { fault, parameters };
  }
  throw new SeaworthyError('SW_EXPERIMENT_INVALID', 'a fault names none we know');
}

/** How long a design takes when nothing stops it. */
export function lastsMs(design: Design): number {
  const ms = (written: string): number => parseDuration(written) ?? 0;
  const main = design.kind === 'switchback' ? 2 * Math.ceil(design.blocks / 2) * ms(design.block) : ms(design.during);
  return ms(design.before) + main + ms(design.after);
}

function notesOn(
  { design, ttl }: Experiment['spec'],
  faults: readonly PlannedFault[],
  probes: readonly ClaimProbe[],
): readonly string[] {
  const notes: string[] = [];
  if (lastsMs(design) > (parseDuration(ttl) ?? 0))
    notes.push(
      `The design lasts ${formatDuration(lastsMs(design))}, longer than the time to live of ${ttl}: it will be stopped then and prove nothing. Raise spec.ttl or shorten the design.`,
    );
  if (design.kind === 'single')
    notes.push(
      'A single run before, during and after is the weaker design: it shows whether the claims held, not that the faults were why they did not.',
    );
  if (design.kind === 'parallel')
    for (const { claim, tellsArmsApart } of probes)
      if (!tellsArmsApart)
        notes.push(
          `${claimId(claim)} is not about single pods: it is watched, but the two groups can't be compared by it.`,
        );
  if (design.kind === 'switchback') {
    const pairs = Math.ceil(design.blocks / 2);
    const needed = Math.ceil(Math.log2(1 / design.alpha)) + 2;
    if (pairs < needed)
      notes.push(
        `${pairs} pairs of blocks can hardly blame the faults at alpha ${design.alpha}: about ${needed} pairs, ${formatDuration(needed * 2 * (parseDuration(design.block) ?? 0))}, are needed.`,
      );
  }
  for (const { fault } of faults) {
    if (fault.tier === 'external')
      notes.push('A command given in the file is run on this machine, and its undo too; recover it from here.');
    if (fault.tier === 'T2')
      notes.push(`${fault.id} starts processes inside the target's own container; they end by themselves.`);
  }
  return [...new Set(notes)];
}
