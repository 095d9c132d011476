import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { randomInt } from 'node:crypto';
import { deriveClaims } from '../../claims/derive/index.ts';
import { claimId, type Claim } from '../../claims/claim.ts';
import { parseClaims } from '../../claims/read-claims.ts';
import type { ClusterClient } from '../../cluster/types.ts';
import type { FaultContext } from '../../experiments/faults/define-fault.ts';
import { createPodProber } from '../../experiments/probes/transport.ts';
import { parseExperiments } from '../../experiments/read-experiments.ts';
import type { Experiment } from '../../experiments/schema.ts';
import { createSession, type Session } from '../../experiments/session.ts';
import { runCommand, systemClock } from '../../experiments/system.ts';
import { parseDuration } from '../../model/duration.ts';
import { messageOf, SeaworthyError } from '../../model/errors.ts';
import { readCluster } from '../../sources/live.ts';
import type { Io } from '../io.ts';
import { addConnectionOptions, openCluster, type ConnectionOptions } from '../source-options.ts';
import type { Command } from 'commander';

export interface ExperimentOptions extends ConnectionOptions {
  readonly filename: readonly string[];
  readonly claims?: readonly string[];
  readonly seed?: number;
  readonly output: 'table' | 'json' | 'yaml';
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** Flags of the commands that read an experiment. */
export function addExperimentOptions(command: Command): Command {
  return addConnectionOptions(
    command
      .requiredOption('-f, --filename <file>', 'the experiment (repeatable)', collect)
      .option(
        '--claims <file>',
        'claims it speaks of (repeatable); derived ones and those in -f are known too',
        collect,
      )
      .option('--seed <n>', 'repeat the draws of an earlier run', Number),
  );
}

/** The experiments of the files given. */
export async function readExperiments(options: ExperimentOptions, io: Io): Promise<readonly Experiment[]> {
  const all = await Promise.all(
    options.filename.map(async (file) => parseExperiments(await readGiven(file, io), file)),
  );
  const found = all.flat();
  if (found.length > 0) return found;
  throw new SeaworthyError('SW_EXPERIMENT_INVALID', `there is no Experiment in ${options.filename.join(', ')}`, {
    hint: 'An Experiment has apiVersion seaworthy.dev/v1alpha1 and kind Experiment.',
  });
}

/** Everything an experiment needs of the cluster, and the claims it may name. */
export async function openExperiment(
  experiment: Experiment | undefined,
  options: Partial<ExperimentOptions>,
  client: ClusterClient,
  io: Io,
): Promise<{ readonly session: Session; readonly claims: readonly Claim[] }> {
  const read = () => readCluster(client, { now: io.now, signal: io.signal });
  const snapshot = await read();
  const session = createSession({
    cluster: client,
    clock: systemClock,
    snapshot,
    reread: read,
    signal: io.signal,
    seed: options.seed ?? randomInt(2 ** 31),
    ttlMs: parseDuration(experiment?.spec.ttl ?? '10m') ?? 600_000,
    command: runCommand,
  });
  const given = await Promise.all(
    [...(options.claims ?? []), ...(options.filename ?? [])].map(async (file) =>
      parseClaims(await readGiven(file, io), file),
    ),
  );
  const own = given.flat();
  const names = new Set(own.map(claimId));
  return {
    session,
    claims: [...own, ...deriveClaims(session.world.facts).filter((claim) => !names.has(claimId(claim)))],
  };
}

/** The world of a recovery: no run of its own, nothing drawn that must be repeated. */
export function recoveryContext(cluster: ClusterClient, io: Io): FaultContext {
  return {
    cluster,
    prober: createPodProber(cluster, { now: io.now }),
    clock: systemClock,
    rng: Math.random,
    run: 'recovery',
    ttlMs: 0,
    signal: io.signal,
    command: runCommand,
  };
}

/** Opens a client, hands it over, and closes it however that ends. */
export async function withCluster<T>(
  options: ConnectionOptions,
  io: Io,
  work: (client: ClusterClient) => Promise<T>,
): Promise<T> {
  const client = openCluster(options, io);
  try {
    return await work(client);
  } finally {
    client.close();
  }
}

async function readGiven(file: string, io: Io): Promise<string> {
  try {
    return await readFile(resolve(io.cwd, file), 'utf8');
  } catch (thrown) {
    throw new SeaworthyError('SW_EXPERIMENT_UNREADABLE', `${file} can't be read: ${messageOf(thrown)}`, {
      hint: 'Give the path of a file.',
    });
  }
}

/** The pod we run in, when we run in one: its host name is its name. */
export function ourselves(io: Io): readonly string[] {
  const { HOSTNAME, POD_NAMESPACE } = io.env;
  return POD_NAMESPACE !== undefined && HOSTNAME !== undefined ? [`${POD_NAMESPACE}/${HOSTNAME}`] : [];
}
