import { randomInt } from 'node:crypto';
import type { Claim } from '../../claims/claim.ts';
import { parseClaims } from '../../claims/read-claims.ts';
import type { ClusterClient } from '../../cluster/types.ts';
import type { FaultContext } from '../../experiments/faults/define-fault.ts';
import { prepare, type PreparedExperiment } from '../../experiments/plan.ts';
import { createPodProber } from '../../experiments/probes/transport.ts';
import { parseExperiments } from '../../experiments/read-experiments.ts';
import type { Experiment } from '../../experiments/schema.ts';
import { createSession, type Session } from '../../experiments/session.ts';
import { runCommand, systemClock } from '../../experiments/system.ts';
import { parseDuration } from '../../model/duration.ts';
import { SeaworthyError } from '../../model/errors.ts';
import { readCluster } from '../../sources/live.ts';
import type { Io } from '../io.ts';
import { claimsFor } from '../input/claim-files.ts';
import { experimentFilesOf, readExperimentFile } from '../input/experiment-files.ts';
import { addConnectionOptions, openCluster, type ConnectionOptions } from '../input/source-options.ts';
import { outsideOf } from './outside.ts';
import { InvalidArgumentError, type Command } from 'commander';

/** Flags of every subcommand of `experiment` that touches a cluster. */
export interface ExperimentOptions extends ConnectionOptions {
  readonly filename: readonly string[];
  readonly claims?: readonly string[];
  readonly seed?: number;
  readonly output: 'table' | 'json' | 'yaml';
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

function seedArgument(value: string): number {
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError('Give a whole number, as a run prints it.');
  return Number(value);
}

/** Flags of the commands that read an experiment. */
export function addExperimentOptions(command: Command): Command {
  return addConnectionOptions(
    command
      .requiredOption('-f, --filename <path>', 'the experiment: a file or a directory (repeatable)', collect)
      .option(
        '--claims <file>',
        'claims it speaks of (repeatable); derived ones and those in -f are known too',
        collect,
      )
      .option('--seed <n>', 'repeat the draws of an earlier run', seedArgument),
  );
}

/** What the files given hold. */
export interface GivenFiles {
  readonly experiments: readonly Experiment[];
  readonly claims: readonly Claim[];
}

/** Reads the experiments and claims of the files given, before any cluster is asked. Throws the first mistake. */
export async function readFiles(options: ExperimentOptions, io: Io): Promise<GivenFiles> {
  const texts = new Map<string, Promise<string>>();
  const read = (file: string): Promise<string> => {
    const text = texts.get(file) ?? readExperimentFile(file, io);
    texts.set(file, text);
    return text;
  };
  const files = (await Promise.all(options.filename.map((path) => experimentFilesOf(path, io)))).flat();
  const all = await Promise.all(files.map(async (file) => parseExperiments(await read(file), file)));
  const experiments = all.flat();
  if (experiments.length === 0)
    throw new SeaworthyError('SW_EXPERIMENT_INVALID', `there is no Experiment in ${options.filename.join(', ')}`, {
      hint: 'An Experiment has apiVersion seaworthy.dev/v1alpha1 and kind Experiment.',
    });
  const names = experiments.map(({ metadata }) => metadata.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new SeaworthyError('SW_EXPERIMENT_INVALID', `two experiments are called ${twice}`, {
      hint: 'Runs are told apart by the name of their experiment: give each its own.',
    });
  // One JSON document holds one plan or run.
  if (options.output !== 'table' && experiments.length > 1)
    throw new SeaworthyError(
      'SW_USAGE',
      `-o ${options.output} is for one experiment, and ${experiments.length} are given`,
      {
        hint: 'Give them one by one.',
      },
    );
  const claims = await Promise.all(
    [...(options.claims ?? []), ...files].map(async (file) => parseClaims(await read(file), file)),
  );
  return { experiments, claims: claims.flat() };
}

/** Reads the cluster for each experiment in turn, and makes it ready to be run there. Changes nothing. */
export async function* preparedExperiments(
  files: GivenFiles,
  options: { readonly seed?: number },
  client: ClusterClient,
  io: Io,
): AsyncGenerator<{ readonly prepared: PreparedExperiment; readonly session: Session }> {
  for (const experiment of files.experiments) {
    const session = await openSession(experiment, options, client, io);
    const claims = claimsFor(session.world.facts, files.claims, true);
    const settings = { claims, ourselves: ourselves(io), seed: session.seed };
    yield { prepared: await prepare(experiment, settings, session.world, session.at), session };
  }
}

async function openSession(
  experiment: Experiment,
  options: { readonly seed?: number },
  client: ClusterClient,
  io: Io,
): Promise<Session> {
  const read = () => readCluster(client, { now: io.now, signal: io.signal });
  const snapshot = await read();
  const outside = outsideOf(client, io);
  return createSession({
    cluster: client,
    clock: systemClock,
    snapshot,
    reread: read,
    signal: io.signal,
    seed: options.seed ?? randomInt(2 ** 31),
    ttlMs: parseDuration(experiment.spec.ttl) ?? 600_000,
    command: runCommand,
    ...(outside ? { outside } : {}),
  });
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

/** The pod we run in, when we run in one: its host name is its name. */
export function ourselves(io: Io): readonly string[] {
  const { HOSTNAME, POD_NAMESPACE } = io.env;
  return POD_NAMESPACE !== undefined && HOSTNAME !== undefined ? [`${POD_NAMESPACE}/${HOSTNAME}`] : [];
}
