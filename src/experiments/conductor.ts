import { claimId } from '../claims/claim.ts';
import { statementOf } from '../claims/judge.ts';
import { parseDuration } from '../model/duration.ts';
import { messageOf } from '../model/errors.ts';
import { drawGroups, type Groups } from './conductor/groups.ts';
import { runDesign } from './conductor/run-design.ts';
import { reasonToStop } from './conductor/safety-stop.ts';
import { notSteady, seenEnough } from './conductor/steady-state.ts';
import { heartbeat, timeToLive } from './conductor/timers.ts';
import { blastRadius } from './design/blast-radius.ts';
import { judgeRun } from './design/judge-run.ts';
import type { ExperimentRun, FaultRecord, Group, Phase, PhaseName, Point, RunState } from './design/run-record.ts';
import type { FaultContext, Injection, TreatmentCheck } from './faults/define-fault.ts';
import { faultOf } from './faults/index.ts';
import type { Guard } from './journal/guard.ts';
import type { Injector } from './journal/injector.ts';
import { enforceBlastRadius, preflight, rngOfDraw, type PreparedExperiment } from './plan.ts';
import { createSampler, type Moment } from './sampler.ts';

/** What a run tells the person who watches it. */
export type RunEvent =
  | { readonly kind: 'phase'; readonly phase: PhaseName; readonly block?: number; readonly lastsMs: number }
  | { readonly kind: 'injected'; readonly says: string }
  | { readonly kind: 'takenBack'; readonly says: string; readonly residue: number }
  | { readonly kind: 'point'; readonly claim: string; readonly group: Group; readonly point: Point }
  | { readonly kind: 'bit'; readonly check: TreatmentCheck }
  | { readonly kind: 'ending'; readonly state: RunState; readonly because: string };

export interface ConductOptions {
  readonly injector: Injector;
  readonly seed: number;
  readonly onEvent?: (event: RunEvent) => void;
  readonly ourselves?: readonly string[];
  readonly guard?: Guard;
}

/** Time the way back may take at most before it is given up and left to `recover`. */
const UNDO_MS = 120_000;
/** Time the steady state may take on top of what the design says until every claim was looked at. */
const SLOW_LOOKS_MS = 60_000;

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
  const { injector } = options;
  const { clock } = at;
  const time = (): string => clock.now().toISOString();
  const startedAt = time();
  const tell = (event: RunEvent): void => options.onEvent?.(event);

  let moment: Moment = { phase: 'before' };
  let ending: { readonly state: RunState; readonly because: string } | undefined;
  let groups: Groups | undefined;
  let touched: readonly Injection[] = [];
  let draws = 0;
  const phases: Phase[] = [];
  const records = new Map<string, FaultRecord>();
  const halt = new AbortController();
  /** Ends the watch on the way back too. */
  const leave = new AbortController();
  const stop = (state: RunState, because: string): void => {
    if (ending) return;
    ending = { state, because };
    tell({ kind: 'ending', state, because });
    halt.abort();
  };
  const interrupted = (): void => {
    stop('aborted', 'somebody stopped it');
    leave.abort();
  };
  at.signal.addEventListener('abort', interrupted, { once: true });
  if (at.signal.aborted) interrupted();
  const ttl = timeToLive(ms(spec.ttl), clock, () => {
    stop('stopped', `its time to live of ${spec.ttl} was over`);
    leave.abort();
  });

  const sampler = createSampler({
    probes,
    everyMs: ms(spec.every),
    clock,
    now: () => moment,
    arms: () => groups,
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
      if (reason !== undefined) stop('stopped', reason);
    },
  });

  const phase = async (name: PhaseName, lasts: number, block?: number): Promise<void> => {
    if (ending) return;
    const which = block === undefined ? {} : { block };
    moment = { phase: name, ...which };
    tell({ kind: 'phase', phase: name, lastsMs: lasts, ...which });
    const from = time();
    await clock.sleep(lasts, halt.signal);
    if (name === 'before') await everyClaimSeen();
    if (name === 'during') await everyClaimCounted();
    phases.push({ name, from, to: time(), ...which });
  };
  /** Looks may be slower than the phase is long. */
  const everyClaimSeen = async (): Promise<void> => {
    const end = clock.now().getTime() + SLOW_LOOKS_MS;
    while (!halt.signal.aborted && !seenEnough(probes, sampler.points) && clock.now().getTime() < end)
      await clock.sleep(100, halt.signal);
  };
  /** A fault that no look saw from its beginning to its end shows nothing: it lasts until each claim had one. */
  const everyClaimCounted = async (): Promise<void> => {
    const end = clock.now().getTime() + SLOW_LOOKS_MS;
    const counted = (): boolean =>
      probes.every(({ claim }) =>
        sampler.points(claimId(claim)).some((point) => point.phase === 'during' && point.counted),
      );
    while (!halt.signal.aborted && !counted() && clock.now().getTime() < end) await clock.sleep(100, halt.signal);
  };
  const afterwards = async (): Promise<void> => {
    const lasts = ms(spec.design.after);
    moment = { phase: 'after' };
    tell({ kind: 'phase', phase: 'after', lastsMs: lasts });
    const from = time();
    await clock.sleep(lasts, leave.signal);
    phases.push({ name: 'after', from, to: time() });
  };

  const inject = async (): Promise<void> => {
    const rng = rngOfDraw(options.seed, draws++);
    const during: FaultContext = { ...at, signal: halt.signal, ttlMs: ttl.left(), rng };
    // Looked at again each time: what a target selects may have changed since the plan was shown.
    const injections = await preflight(prepared.faults, during);
    enforceBlastRadius(blastRadius(spec.blastRadius, injections, options.ourselves));
    groups ??= spec.design.kind === 'parallel' ? await drawGroups(injections, prepared.faults, during) : undefined;
    await options.guard?.watch(at.run, ttl.left());
    ttl.start();
    touched = [...touched, ...injections];
    for (const injection of injections) {
      if (ending) return;
      const fault = faultOf(injection.fault);
      if (!fault) continue;
      records.set(injection.id, newRecord(injection));
      try {
        await injector.apply(fault, injection, { ...during, ttlMs: ttl.left() });
      } catch (thrown) {
        // What never began has nothing to report; what did is reported when it is taken back.
        if (!injector.active.some(({ id }) => id === injection.id)) records.delete(injection.id);
        throw thrown;
      }
      records.set(injection.id, { ...newRecord(injection), appliedAt: time(), bit: UNSEEN });
      tell({ kind: 'injected', says: injection.says });
    }
  };
  const lookWhetherItBit = async (): Promise<void> => {
    for (const check of await injector.bit({ ...at, signal: halt.signal })) {
      const known = records.get(check.injection.id);
      // A bite once seen stays seen: what was killed may have been replaced by now.
      if (known && known.bit.bit !== true)
        records.set(check.injection.id, { ...known, bit: { bit: check.bit, says: check.says } });
      tell({ kind: 'bit', check });
    }
  };
  const takeBack = async (): Promise<void> => {
    const way: FaultContext = { ...at, signal: AbortSignal.timeout(UNDO_MS) };
    for (const { injection, says, residue } of await injector.undoAll(way)) {
      const known = records.get(injection.id) ?? newRecord(injection);
      records.set(injection.id, { ...known, ...(residue.length === 0 ? { undoneAt: time() } : {}), residue });
      tell({ kind: 'takenBack', says, residue: residue.length });
    }
  };

  const sampling = new AbortController();
  const watching = sampler.run(sampling.signal);
  const beating = heartbeat(injector, { ...at, signal: sampling.signal }, () =>
    stop('failed', 'another process has taken over cleaning up'),
  );
  try {
    await phase('before', ms(spec.design.before));
    const unsteady = ending ? undefined : notSteady(probes, sampler.points);
    if (unsteady) stop(unsteady.state, unsteady.because);
    if (!ending)
      await runDesign({
        design: spec.design,
        phase,
        inject,
        takeBack,
        lookWhetherItBit,
        ended: () => ending !== undefined,
        rng: at.rng,
        setMoment: (next) => (moment = next),
      });
  } catch (thrown) {
    stop('failed', messageOf(thrown));
  }
  try {
    await takeBack();
    // After a stop the way back is still watched, for as long as the design says.
    if ([...records.values()].some(({ appliedAt }) => appliedAt !== undefined) && !leave.signal.aborted)
      await afterwards();
  } finally {
    sampling.abort();
    await Promise.all([watching, beating, ttl.cancel()]);
    // What could not be taken back stays watched: the guard tries again when this process has ended.
    if ([...records.values()].every(({ residue }) => residue.length === 0)) await options.guard?.release(at.run);
    at.signal.removeEventListener('abort', interrupted);
  }

  const state = ending?.state ?? 'completed';
  const faults = [...records.values()];
  const bits = faults.map(({ bit }) => bit);
  return {
    apiVersion: 'seaworthy.dev/v1alpha1',
    kind: 'ExperimentRun',
    metadata: { name: experiment.metadata.name, run: at.run },
    context: at.cluster.context,
    server: at.cluster.server,
    state,
    ...(ending ? { because: ending.because } : {}),
    startedAt,
    endedAt: time(),
    design: spec.design,
    seed: options.seed,
    blastRadius: blastRadius(spec.blastRadius, touched, options.ourselves),
    phases,
    faults,
    series: sampler.series,
    verdicts: probes.map((probe) => ({
      claim: claimId(probe.claim),
      statement: statementOf(probe.claim),
      severity: probe.claim.severity,
      observedAt: sampler.points(claimId(probe.claim)).at(-1)?.at ?? startedAt,
      ...judgeRun({
        series: sampler.series.filter(({ claim }) => claim === claimId(probe.claim)),
        design: spec.design,
        state,
        ...(ending ? { stateBecause: ending.because } : {}),
        bit: bitOf(bits),
        bitSays: [...new Set(bits.map(({ says }) => says))],
        ...(probe.tolerance ? { tolerance: probe.tolerance } : {}),
      }),
    })),
    residue: faults.flatMap(({ residue }) => residue),
  };
}

const UNSEEN: TreatmentCheck = { bit: 'unknown', says: 'whether it bit was not looked at' };

function newRecord({ fault, id, says }: Injection): FaultRecord {
  return {
    fault,
    injection: id,
    says,
    bit: { bit: 'unknown', says: 'it was not applied to the end' },
    residue: [],
  };
}

/** Whether every fault bit, as far as is known. */
function bitOf(checks: readonly TreatmentCheck[]): boolean | 'unknown' {
  if (checks.some(({ bit }) => bit === false)) return false;
  return checks.length > 0 && checks.every(({ bit }) => bit === true) ? true : 'unknown';
}

/** Durations of an experiment were validated when it was read. */
function ms(written: string): number {
  return parseDuration(written) ?? 0;
}
