import { createFacts } from '../claims/facts.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { conduct } from './conductor/conductor.ts';
import type { RunEvent } from './conductor/run-event.ts';
import type { ExperimentRun } from './design/run-record.ts';
import type { FaultContext, RunCommand } from './faults/define-fault.ts';
import { injectionId } from './faults/injection-id.ts';
import type { Guard } from './journal/guard.ts';
import { createInjector, type InjectorOptions } from './journal/injector.ts';
import { openJournal, processStarted } from './journal/local-journal.ts';
import { enforceBlastRadius, type PreparedExperiment } from './plan.ts';
import type { Clock, Cluster } from './ports.ts';
import { parseDuration } from '../model/duration.ts';
import type { ClaimWorld } from './probes/claims/claim-probe.ts';
import type { Outside } from './probes/outside.ts';
import { createPodProber } from './probes/transport.ts';
import { seededRng } from './statistics/random.ts';

/** The cluster and the chance a session works with. */
export interface SessionOptions {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly snapshot: Snapshot;
  readonly reread: () => Promise<Snapshot>;
  readonly signal: AbortSignal;
  /** Of every draw; the same seed gives the same pods and blocks on the same cluster. */
  readonly seed: number;
  /** Longest time what is injected may last. */
  readonly ttlMs: number;
  readonly command?: RunCommand;
  /** A place outside the cluster, where there is one. */
  readonly outside?: Outside;
}

/** What probing claims and running one experiment on a cluster needs, put together. */
export interface Session {
  readonly world: ClaimWorld;
  readonly at: FaultContext;
  readonly seed: number;
}

/** Opens what plans and runs share; touches nothing. */
export function createSession(options: SessionOptions): Session {
  const { cluster, clock, snapshot, reread, signal, seed, ttlMs, command, outside } = options;
  const rng = seededRng(seed);
  const prober = createPodProber(cluster, { now: clock.now });
  const run = `${clock.now().toISOString().replace(/[-:]/g, '').slice(0, 15).toLowerCase()}-${injectionId(rng).slice(0, 6)}`;
  return {
    seed,
    world: {
      cluster,
      prober,
      clock,
      signal,
      snapshot,
      facts: createFacts(snapshot),
      reread,
      ...(outside ? { outside } : {}),
    },
    at: { cluster, prober, clock, rng, run, ttlMs, signal, ...(command ? { command } : {}) },
  };
}

/** Where a run is journalled, and who hears of it. */
export interface RunOptions {
  /** The local state directory. */
  readonly state: string;
  readonly onEvent?: (event: RunEvent) => void;
  readonly onStep?: InjectorOptions['onStep'];
  readonly ourselves?: readonly string[];
  /** Cleans up when this process is killed. Without one that is left to `recover`. */
  readonly guard?: Guard;
}

/** Opens the journal of a run, conducts it, and closes the journal: with what was found, or as something to recover. */
export async function runExperiment(
  prepared: PreparedExperiment,
  session: Session,
  options: RunOptions,
): Promise<ExperimentRun> {
  const { at } = session;
  const { experiment } = prepared;
  enforceBlastRadius(prepared.plan.blastRadius);
  const journal = openJournal(options.state, at.run);
  try {
    journal.append({
      kind: 'begin',
      at: at.clock.now().toISOString(),
      run: at.run,
      experiment: experiment.metadata.name,
      context: at.cluster.context,
      server: at.cluster.server,
      process: { pid: process.pid, started: processStarted(process.pid) ?? '' },
    });
    const injector = createInjector({
      experiment: experiment.metadata.name,
      owner: injectionId(at.rng),
      journal,
      ttlMs: parseDuration(experiment.spec.ttl) ?? at.ttlMs,
      ...(options.onStep ? { onStep: options.onStep } : {}),
    });
    const run = await conduct(prepared, { injector, seed: session.seed, ...options }, at);
    // A run with residue stays open, so that recovery looks at it again.
    if (run.residue.length === 0) journal.append({ kind: 'end', at: at.clock.now().toISOString(), state: run.state });
    return run;
  } finally {
    await Promise.all([at.prober.hangUp(), session.world.outside?.hangUp()]);
    journal.close();
  }
}
