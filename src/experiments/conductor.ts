import { claimId } from '../claims/claim.ts';
import { statementOf } from '../claims/judge.ts';
import { parseDuration } from '../model/duration.ts';
import { messageOf } from '../model/errors.ts';
import { blastRadius } from './design/blast-radius.ts';
import { judgeRun } from './design/judge-run.ts';
import type { ExperimentRun, FaultRecord, Group, Phase, PhaseName, Point, RunState } from './design/run-record.ts';
import type { FaultContext, Injection, TreatmentCheck } from './faults/define-fault.ts';
import { faultOf } from './faults/index.ts';
import { podsOf, PodTargetSchema } from './faults/pod-target.ts';
import type { Injector } from './journal/injector.ts';
import { BEAT_MS } from './journal/recover.ts';
import { enforceBlastRadius, preflight, type PreparedExperiment } from './plan.ts';
import type { Arm } from './probes/claims/claim-probe.ts';
import { createSampler, type Moment } from './sampler.ts';
import { drawBlocks } from './statistics/assignment.ts';

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
}

/** Nothing seen of any claim for this long under fault is no reason to go on. */
const BLIND_MS = 15_000;
/** Time the way back may take at most before it is given up and left to `recover`. */
const UNDO_MS = 120_000;

/**
 * Runs a prepared experiment: steady state first, then faults with the claims watched beside them, then the way back,
 * which is taken however the run ends. Aborting `at.signal` ends it at once. Throws only before anything was changed.
 */
export async function conduct(
  prepared: PreparedExperiment,
  options: ConductOptions,
  at: FaultContext,
): Promise<ExperimentRun> {
  const { experiment, probes, faults, plan } = prepared;
  const { spec } = experiment;
  const { injector } = options;
  const { clock } = at;
  const ms = (written: string): number => parseDuration(written) ?? 0;
  const time = (): string => clock.now().toISOString();
  const startedAt = time();
  enforceBlastRadius(plan.blastRadius);

  let moment: Moment = { phase: 'before' };
  let ending: { state: RunState; because: string } | undefined;
  let arms: { experimental: Arm; control: Arm } | undefined;
  const phases: Phase[] = [];
  const records = new Map<string, FaultRecord>();
  const halt = new AbortController();
  const stop = (state: RunState, because: string): void => {
    if (ending) return;
    ending = { state, because };
    options.onEvent?.({ kind: 'ending', state, because });
    halt.abort();
  };
  const interrupted = (): void => stop('aborted', 'somebody stopped it');
  at.signal.addEventListener('abort', interrupted, { once: true });
  if (at.signal.aborted) interrupted();

  const sampler = createSampler({
    probes,
    everyMs: ms(spec.every),
    clock,
    now: () => moment,
    arms: () => arms,
    onPoint(claim, group, point) {
      options.onEvent?.({ kind: 'point', claim, group, point });
      if (group === 'all') safety(claim, point);
    },
  });

  /** The safety stop, looked at after every look: cheap, and apart from what the verdict is. */
  const safety = (claim: string, point: Point): void => {
    if (injector.active.length === 0) return;
    const points = sampler.points(claim);
    for (const rule of spec.stopWhen) {
      if (rule.claim !== claim && !claim.endsWith(`/${rule.claim}`)) continue;
      const lastGood = points.findLast(({ verdict }) => verdict === 'holds');
      const since = Date.parse(point.at) - Date.parse(lastGood?.at ?? phases[0]?.from ?? startedAt);
      if (point.verdict !== 'holds' && since >= ms(rule.violatedFor)) {
        stop(
          'stopped',
          `${claim} did not hold for ${(since / 1_000).toFixed(0)} s${point.says === undefined ? '' : `: ${point.says}`}`,
        );
      }
    }
    const lastSeen = Math.max(
      ...probes.map((probe) =>
        Date.parse(
          sampler.points(claimId(probe.claim)).findLast(({ verdict }) => verdict !== 'unknown')?.at ?? startedAt,
        ),
      ),
    );
    if (Date.parse(point.at) - lastSeen > BLIND_MS + ms(spec.every))
      stop('stopped', 'nothing can be seen of any claim any more');
  };

  const phase = async (name: PhaseName, lasts: number, block?: number): Promise<void> => {
    if (ending && name !== 'after') return;
    moment = block === undefined ? { phase: name } : { phase: name, block };
    options.onEvent?.({ kind: 'phase', phase: name, lastsMs: lasts, ...(block === undefined ? {} : { block }) });
    const from = time();
    await clock.sleep(lasts, halt.signal);
    phases.push({ name, from, to: time(), ...(block === undefined ? {} : { block }) });
  };

  const during: FaultContext = { ...at, signal: halt.signal };
  const inject = async (): Promise<void> => {
    const injections = await preflight(faults, during);
    enforceBlastRadius(blastRadius(spec.blastRadius, injections, options.ourselves));
    arms ??= spec.design.kind === 'parallel' ? await drawArms(injections, prepared, during) : undefined;
    for (const injection of injections) {
      if (ending) return;
      const fault = faultOf(injection.fault);
      if (!fault) continue;
      await injector.apply(fault, injection, during);
      records.set(injection.id, {
        fault: injection.fault,
        injection: injection.id,
        says: injection.says,
        appliedAt: time(),
        bit: { bit: 'unknown', says: 'it was not looked at' },
        residue: [],
      });
      options.onEvent?.({ kind: 'injected', says: injection.says });
    }
  };
  const lookWhetherItBit = async (): Promise<void> => {
    for (const check of await injector.bit(during)) {
      const known = records.get(check.injection.id);
      // A bite once seen stays seen: what was killed may have been replaced by now.
      if (known && known.bit.bit !== true)
        records.set(check.injection.id, { ...known, bit: { bit: check.bit, says: check.says } });
      options.onEvent?.({ kind: 'bit', check });
    }
  };
  const takeBack = async (): Promise<void> => {
    const way: FaultContext = { ...at, signal: AbortSignal.timeout(UNDO_MS) };
    for (const { injection, says, residue } of await injector.undoAll(way)) {
      const known = records.get(injection.id);
      if (known) records.set(injection.id, { ...known, undoneAt: time(), residue });
      else
        records.set(injection.id, {
          fault: injection.fault,
          injection: injection.id,
          says: injection.says,
          undoneAt: time(),
          bit: { bit: 'unknown', says: 'it was not applied to the end' },
          residue,
        });
      options.onEvent?.({ kind: 'takenBack', says, residue: residue.length });
    }
  };

  const sampling = new AbortController();
  const watching = sampler.run(sampling.signal);
  const beating = heartbeat(injector, { ...at, signal: sampling.signal }, () =>
    stop('failed', 'another process has taken over cleaning up'),
  );
  try {
    await phase('before', ms(spec.design.before));
    const unmet = unmetBefore(prepared, sampler.points);
    if (unmet !== undefined) stop('steadyStateNotMet', unmet);
    const deadline = setDeadline(ms(spec.ttl), clock, halt.signal, () =>
      stop('stopped', `its time to live of ${spec.ttl} was over`),
    );
    if (!ending)
      await runDesign({
        prepared,
        phase,
        inject,
        takeBack,
        lookWhetherItBit,
        ended: () => ending !== undefined,
        at,
        setMoment: (next) => (moment = next),
      });
    await deadline.cancel();
  } catch (thrown) {
    stop('failed', messageOf(thrown));
  }
  try {
    await takeBack();
    // After a stop the way back is still watched, for as long as the design says.
    if (records.size > 0) await watchWayBack(spec.design.after);
  } finally {
    sampling.abort();
    await Promise.all([watching, beating]);
    at.signal.removeEventListener('abort', interrupted);
  }

  const state = ending?.state ?? 'completed';
  const faultRecords = [...records.values()];
  const bits = faultRecords.map(({ bit }) => bit);
  const bit = bits.some((one) => one.bit === false)
    ? false
    : bits.some((one) => one.bit === 'unknown') || bits.length === 0
      ? 'unknown'
      : true;
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
    blastRadius: blastRadius(spec.blastRadius, faultRecords.length > 0 ? plan.faults : [], options.ourselves),
    phases,
    faults: faultRecords,
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
        bit,
        bitSays: [...new Set(bits.map(({ says }) => says))],
        ...(probe.tolerance ? { tolerance: probe.tolerance } : {}),
      }),
    })),
    residue: faultRecords.flatMap(({ residue }) => residue),
  };

  async function watchWayBack(lasts: string): Promise<void> {
    moment = { phase: 'after' };
    options.onEvent?.({ kind: 'phase', phase: 'after', lastsMs: ms(lasts) });
    const from = time();
    await clock.sleep(ms(lasts), at.signal);
    phases.push({ name: 'after', from, to: time() });
  }
}

interface DesignRun {
  readonly prepared: PreparedExperiment;
  readonly phase: (name: PhaseName, lasts: number, block?: number) => Promise<void>;
  readonly inject: () => Promise<void>;
  readonly takeBack: () => Promise<void>;
  readonly lookWhetherItBit: () => Promise<void>;
  readonly ended: () => boolean;
  readonly setMoment: (moment: Moment) => void;
  readonly at: FaultContext;
}

/** The part of a run in which the faults come and go. */
async function runDesign({
  prepared,
  phase,
  inject,
  takeBack,
  lookWhetherItBit,
  ended,
  setMoment,
  at,
}: DesignRun): Promise<void> {
  const { design } = prepared.experiment.spec;
  const ms = (written: string): number => parseDuration(written) ?? 0;
  if (design.kind !== 'switchback') {
    setMoment({ phase: 'during' });
    await inject();
    await Promise.all([phase('during', ms(design.during)), lookWhetherItBit()]);
    return;
  }
  const washout = Math.min(ms(design.washout), ms(design.block));
  for (const [block, arm] of drawBlocks(design.blocks, at.rng).entries()) {
    if (ended()) return;
    setMoment({ phase: 'washout', block });
    if (arm === 'on') await inject();
    else await takeBack();
    const looking = arm === 'on' ? lookWhetherItBit() : undefined;
    await phase('washout', washout, block);
    await phase(arm, ms(design.block) - washout, block);
    await looking;
    if (arm === 'on') await takeBack();
  }
}

/** Why the faults must not be injected: a claim that was violated, or none that could be seen at all. */
function unmetBefore({ probes }: PreparedExperiment, points: (claim: string) => readonly Point[]): string | undefined {
  let seen = 0;
  for (const probe of probes) {
    const claim = claimId(probe.claim);
    const before = points(claim);
    const decided = before.filter(({ verdict }) => verdict !== 'unknown');
    if (decided.length > 0) seen++;
    const good = decided.filter(({ verdict }) => verdict === 'holds').length;
    const wanted = probe.tolerance?.successRatio ?? 1;
    if (decided.length > 0 && good / decided.length < wanted) {
      return `${claim} did not hold before anything was broken: ${decided.find(({ verdict }) => verdict === 'violated')?.says ?? ''}`;
    }
  }
  if (seen > 0) return undefined;
  const why = probes.map((probe) => points(claimId(probe.claim)).at(-1)?.says ?? 'it was never looked at').join('; ');
  return `no claim could be seen before anything was broken: ${why}`;
}

/** The control group: pods the faults aim at and were spared by the draw. Pods born later belong to the other one. */
async function drawArms(
  injections: readonly Injection[],
  { faults }: PreparedExperiment,
  at: FaultContext,
): Promise<{ experimental: Arm; control: Arm }> {
  const hit = new Set(injections.flatMap(({ touches }) => touches.pods));
  const control = new Set<string>();
  for (const { parameters } of faults) {
    const target = PodTargetSchema.safeParse((parameters as { target?: unknown }).target);
    if (!target.success) continue;
    const pods = await podsOf(at.cluster, target.data);
    for (const pod of pods.kind === 'ok' ? pods.value : []) {
      if (!hit.has(`${pod.metadata.namespace ?? 'default'}/${pod.metadata.name}`)) control.add(pod.metadata.uid ?? '');
    }
  }
  if (control.size === 0)
    throw new Error(
      'a parallel design needs replicas that are spared, and the faults hit all of them: use mode {percent: 50}, or another design',
    );
  return { control: (uid) => control.has(uid), experimental: (uid) => !control.has(uid) };
}

async function heartbeat(injector: Injector, at: FaultContext, lost: () => void): Promise<void> {
  while (!at.signal.aborted) {
    await at.clock.sleep(BEAT_MS, at.signal);
    if (at.signal.aborted || injector.active.length === 0) continue;
    const ours = await injector.beat(at).catch(() => true);
    if (!ours && !at.signal.aborted && injector.active.length > 0) lost();
  }
}

function setDeadline(
  lasts: number,
  clock: FaultContext['clock'],
  halted: AbortSignal,
  over: () => void,
): { cancel(): Promise<void> } {
  const cancelled = new AbortController();
  const waiting = clock.sleep(lasts, AbortSignal.any([cancelled.signal, halted])).then(() => {
    if (!cancelled.signal.aborted && !halted.aborted) over();
  });
  return {
    async cancel() {
      cancelled.abort();
      await waiting;
    },
  };
}
