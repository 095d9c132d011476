import { randomInt } from 'node:crypto';
import type { Claim } from '../../claims/claim.ts';
import type { Facts } from '../../claims/facts.ts';
import { judge } from '../../claims/judge.ts';
import type { Prober } from '../../claims/ports.ts';
import type { Evidence } from '../../claims/types.ts';
import type { ClusterClient } from '../../cluster/types.ts';
import { findPolicyAgent } from '../../experiments/design/find-policy-agent.ts';
import type { GenerateOptions } from '../../experiments/design/generate.ts';
import type { ExperimentPlan, ExperimentRun } from '../../experiments/design/run-record.ts';
import type { Guard } from '../../experiments/journal/guard.ts';
import { stateDirectory } from '../../experiments/journal/local-journal.ts';
import { observingProber, provingProber } from '../../experiments/probers.ts';
import type { Experiment } from '../../experiments/schema.ts';
import { createSession, type Session } from '../../experiments/session.ts';
import { runCommand, systemClock } from '../../experiments/system.ts';
import type { EvidenceLevel } from '../../model/because.ts';
import { formatDuration } from '../../model/duration.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { readCluster } from '../../sources/live.ts';
import { ourselves } from '../experiment/context.ts';
import { outsideOf } from '../experiment/outside.ts';
import { eventLine } from '../experiment/screen.ts';
import type { Io } from '../io.ts';

/** Which claims are to be tried on the cluster, and how far that may go. */
export interface LiveRequest {
  readonly claims: readonly Claim[];
  readonly facts: Facts;
  readonly level: EvidenceLevel;
  /** Written experiments, for level proven. */
  readonly experiments: readonly Experiment[];
  /** Namespaces in which more experiments may be generated; nothing else is broken elsewhere. */
  readonly breakIn: readonly string[];
  /** Adds facts that the cluster does not hold to each reading of it. */
  readonly recorded: (snapshot: Snapshot) => Snapshot;
  /** Cleans up after an experiment when this process is killed. */
  readonly guard: Guard;
}

/** What was seen on a live cluster: evidence by claim id, and the experiments that were run for it. */
export interface LiveEvidence {
  readonly evidence: ReadonlyMap<string, readonly Evidence[]>;
  readonly runs: readonly ExperimentRun[];
}

/** Longest time anything injected may last. */
const TTL_MS = 600_000;

/**
 * Looks for evidence on a live cluster, the harmless kind first. What is about to be done, where, is said on stderr
 * before it is done; progress only on a terminal.
 */
export async function gatherEvidence(client: ClusterClient, request: LiveRequest, io: Io): Promise<LiveEvidence> {
  const { claims, facts, level } = request;
  const evidence = new Map<string, Evidence[]>();
  const runs: ExperimentRun[] = [];
  const collect = async (prober: Prober): Promise<void> => {
    try {
      for await (const found of prober.observe(claims, io.signal))
        evidence.set(found.claim, [...(evidence.get(found.claim) ?? []), found.evidence]);
    } finally {
      await outside?.hangUp();
    }
    io.signal.throwIfAborted();
  };
  const reread = async (): Promise<Snapshot> =>
    request.recorded(await readCluster(client, { now: io.now, signal: io.signal }));
  const outside = outsideOf(client, io);
  const session = async (snapshot?: Snapshot): Promise<Session> =>
    createSession({
      cluster: client,
      clock: systemClock,
      snapshot: snapshot ?? (await reread()),
      reread,
      signal: io.signal,
      seed: randomInt(2 ** 31),
      ttlMs: TTL_MS,
      command: runCommand,
      ...(outside ? { outside } : {}),
    });
  const { world } = await session(facts.snapshot);
  const observing = observingProber({ ...world, facts });
  io.stderr.write(`In context ${client.context}: ${observing.announcement}\n`);
  await collect(observing);
  if (level !== 'proven') return { evidence, runs };
  const proving = provingProber({
    session,
    state: stateDirectory(io.env),
    ourselves: ourselves(io),
    guard: request.guard,
    experiments: request.experiments,
    ...(request.breakIn.length > 0 ? { generate: generation(facts.snapshot, request.breakIn) } : {}),
    violated: () =>
      new Set(
        judge(claims, facts, { evidence, now: io.now().toISOString() })
          .filter(({ verdict }) => verdict === 'violated')
          .map(({ claim }) => claim),
      ),
    onPlan: (plan) => void io.stderr.write(`${announce(plan)}\n`),
    onRun: (run) => void runs.push(run),
    ...(io.stderr.isTTY === true ? { onEvent: progressOf(io) } : {}),
  });
  io.stderr.write(`In context ${client.context}: ${proving.announcement}\n`);
  await collect(proving);
  return { evidence, runs };
}

/** What experiments may be made of: the policy agent only where its namespace is named. */
function generation(snapshot: Snapshot, namespaces: readonly string[]): GenerateOptions {
  const agent = findPolicyAgent(snapshot, namespaces);
  return { namespaces, ...(agent ? { agent } : {}) };
}

/** What an experiment is about to do and to whom, in one paragraph. */
function announce({ metadata, faults, lastsMs, blastRadius }: ExperimentPlan): string {
  const { pods, namespaces } = blastRadius.touched;
  const what = faults.map(({ fault, says }) => `${fault}: ${says}`).join('; ');
  const whom = `${pods.length} ${pods.length === 1 ? 'pod' : 'pods'} in ${namespaces.join(', ')}`;
  return `Experiment ${metadata.name}, ${formatDuration(lastsMs)}, touches ${whom}. ${what}`;
}

function progressOf(io: Io): (event: Parameters<typeof eventLine>[0]) => void {
  const begun = io.now().getTime();
  return (event) => {
    const line = event.kind === 'point' ? undefined : eventLine(event);
    if (line === undefined) return;
    io.stderr.write(`${((io.now().getTime() - begun) / 1_000).toFixed(1).padStart(6)} s  ${line}\n`);
  };
}
