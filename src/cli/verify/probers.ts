import { randomInt } from 'node:crypto';
import type { Prober } from '../../claims/ports.ts';
import type { ClusterClient } from '../../cluster/types.ts';
import type { ExperimentRun } from '../../experiments/design/run-record.ts';
import { stateDirectory } from '../../experiments/journal/local-journal.ts';
import { observingProber, provingProber } from '../../experiments/probers.ts';
import { createSession, type Session } from '../../experiments/session.ts';
import { runCommand, systemClock } from '../../experiments/system.ts';
import type { EvidenceLevel } from '../../model/because.ts';
import { SeaworthyError } from '../../model/errors.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { readCluster } from '../../sources/live.ts';
import { ourselves } from '../experiment/context.ts';
import type { Io } from '../io.ts';

export interface ProbingOptions {
  readonly level: EvidenceLevel;
  /** Namespaces in which things may be broken; nothing is broken elsewhere. */
  readonly breakIn: readonly string[];
  readonly onRun: (run: ExperimentRun) => void;
}

/** Longest time anything injected may last. */
const TTL_MS = 600_000;

/** What looks at the live cluster for a level of evidence, the harmless first. Throws where it may not. */
export async function probersFor(
  client: ClusterClient,
  snapshot: Snapshot,
  options: ProbingOptions,
  io: Io,
): Promise<readonly Prober[]> {
  const reread = (): Promise<Snapshot> => readCluster(client, { now: io.now, signal: io.signal });
  const session = async (): Promise<Session> =>
    createSession({
      cluster: client,
      clock: systemClock,
      snapshot: await reread(),
      reread,
      signal: io.signal,
      seed: randomInt(2 ** 31),
      ttlMs: TTL_MS,
      command: runCommand,
    });
  const { world } = await session();
  const observing = observingProber({ ...world, snapshot });
  if (options.level !== 'proven') return [observing];
  const proving = provingProber({
    session,
    state: stateDirectory(io.env),
    ourselves: ourselves(io),
    namespaces: options.breakIn,
    onRun: options.onRun,
  });
  return [
    observing,
    {
      ...proving,
      announcement: `In context ${client.context}, namespaces ${options.breakIn.join(', ')}: ${proving.announcement}`,
    },
  ];
}

/** Refuses, before anything is done, a level that the source or the person does not allow. */
export function allowLevel(level: EvidenceLevel, { source }: Snapshot, breakIn: readonly string[]): void {
  if (level === 'analysed' || level === 'declared') return;
  if (source.kind !== 'cluster' && source.kind !== 'lab') {
    throw new SeaworthyError(
      'SW_LEVEL_NEEDS_CLUSTER',
      `level ${level} looks at a running cluster, and ${source.description} is none`,
      {
        hint: 'Leave -f and --snapshot out to use the cluster of the kubeconfig, or use --lab.',
      },
    );
  }
  if (level === 'proven' && breakIn.length === 0) {
    throw new SeaworthyError(
      'SW_PROVEN_NEEDS_CONSENT',
      'level proven breaks things on purpose, and no namespace was named for that',
      {
        hint: 'Name the namespaces in which pods may be killed or cut off: --break-in shop,payments.',
      },
    );
  }
}
