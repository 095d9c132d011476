import { InvalidArgumentError, type Command } from 'commander';
import { connect } from '../../cluster/connect.ts';
import type { ClusterClient } from '../../cluster/types.ts';
import { labKubeconfigPath } from '../../lab/state.ts';
import { SeaworthyError } from '../../model/errors.ts';
import { at, text } from '../../model/json.ts';
import type { KindKey } from '../../model/object.ts';
import {
  contentsOf,
  createSnapshot,
  withUnreadable,
  type KubernetesVersion,
  type Snapshot,
} from '../../model/snapshot.ts';
import { didYouMean } from '../../model/suggest.ts';
import { parseKubernetesVersion } from '../../model/version.ts';
import { kindKeyOf, kindNames, knownKind } from '../../sources/known-kinds.ts';
import { readCluster } from '../../sources/live.ts';
import { readManifests } from '../../sources/manifests.ts';
import { parseSelection, select } from '../../sources/selection.ts';
import { withRecorded } from '../../sources/recorded.ts';
import { readSnapshotFile } from '../../sources/snapshot-file.ts';
import { CONNECTION_FLAGS, SOURCE_FLAGS } from '../help/help.ts';
import type { Io } from '../io.ts';
import { commaSeparated, repeated } from './option-values.ts';

/** How a cluster is reached: kubectl's flags with kubectl's meaning. */
export interface ConnectionOptions {
  readonly lab?: boolean;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly cluster?: string;
  readonly user?: string;
  /** Impersonation. */
  readonly as?: string;
  readonly asGroup?: readonly string[];
  /** Milliseconds; 0 waits for ever. */
  readonly requestTimeout?: number;
  readonly chunkSize?: number;
}

/** Where facts come from; what commander makes of the flags `addSourceOptions` adds. */
export interface SourceOptions extends ConnectionOptions {
  readonly filename?: readonly string[];
  readonly recursive?: boolean;
  readonly snapshot?: string;
  readonly with?: readonly string[];
  readonly unreadable?: readonly string[];
  readonly kubernetesVersion?: KubernetesVersion;
  readonly strict?: boolean;
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
  readonly selector?: string;
  readonly fieldSelector?: string;
}

function versionArgument(value: string): KubernetesVersion {
  const version = parseKubernetesVersion(value);
  if (!version) throw new InvalidArgumentError('Give it as 1.36.');
  return version;
}

function countArgument(value: string): number {
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError('Give a whole number.');
  return Number(value);
}

/** Flags of commands that talk to a cluster. `impersonation: false` where `--as` names somebody asked about. */
export function addConnectionOptions(command: Command, has: { readonly impersonation?: boolean } = {}): Command {
  command
    .optionsGroup(CONNECTION_FLAGS)
    .option('--lab', 'use the embedded cluster')
    .option('--kubeconfig <file>', 'kubeconfig file (default: $KUBECONFIG, then ~/.kube/config, then in-cluster)')
    .option('--context <name>', 'context of the kubeconfig')
    .option('--cluster <name>', 'cluster of the kubeconfig')
    .option('--user <name>', 'user of the kubeconfig');
  if (has.impersonation !== false) {
    command
      .option('--as <user>', 'talk to the cluster as somebody else (impersonation)')
      .option('--as-group <group>', 'group to impersonate (repeatable)', repeated);
  }
  return command
    .option('--request-timeout <duration>', 'give up on one request after this long (30s, 1m; 0: never)', durationMs)
    .option('--chunk-size <n>', 'objects in a page of a list (default 500)', countArgument)
    .optionsGroup('');
}

/**
 * Adds the flags that say where facts come from, the same for every command. A command whose `--as` or `-n` names
 * what is asked about, not how to read, leaves that flag out and adds its own.
 */
export function addSourceOptions(
  command: Command,
  has: { readonly impersonation?: boolean; readonly namespace?: boolean } = {},
): Command {
  command
    .optionsGroup(SOURCE_FLAGS)
    .option('-f, --filename <path>', 'manifests: a file, a directory, or - for stdin (repeatable)', repeated)
    .option('-R, --recursive', 'directories are always read recursively; accepted as kubectl does')
    .option('--snapshot <file>', "a file written by 'snapshot save'")
    .option('--with <path>', 'recorded facts beside those of the source, such as image reports (repeatable)', repeated)
    .option(
      '-l, --selector <labels>',
      'only pods and workloads with these labels; the others are not read, and said so',
    )
    .option('--field-selector <fields>', 'only pods and workloads with these fields, e.g. spec.nodeName=n1')
    .option('--unreadable <kinds>', 'treat kinds as if the API server had refused them', commaSeparated)
    .option('--kubernetes-version <version>', 'version of Kubernetes where the source does not say', versionArgument)
    .option('--strict', 'fail (exit 2) when anything given is broken or is not a Kubernetes object');
  if (has.namespace !== false) {
    command
      .option('-n, --namespace <name>', 'namespace (of objects in files that name none)')
      .option('-A, --all-namespaces', 'every namespace');
  }
  addConnectionOptions(command, has);
  return command;
}

/** Reads the facts from wherever the flags say. Throws SeaworthyError when they can't be had at all. */
export async function openSource(options: SourceOptions, io: Io): Promise<Snapshot> {
  const given = [options.filename && '-f', options.snapshot && '--snapshot', options.lab && '--lab'].filter(Boolean);
  if (given.length > 1) {
    throw new SeaworthyError('SW_TWO_SOURCES', `${given.join(' and ')} can't be used together`, {
      hint: 'Facts come from one source at a time.',
    });
  }
  // A slip of the pen should not cost a minute of reading.
  parseSelection(options);
  const recorded = await readRecorded(options, io);
  return asAsked(recorded(await read(options, io)), options);
}

/** A snapshot as the flags want it seen: broken input refused, some objects only, of a version, without kinds that were not to be read. */
export function asAsked(whole: Snapshot, options: SourceOptions): Snapshot {
  const selection = parseSelection(options);
  if (options.strict === true) failOnFindings(whole);
  const snapshot = selection ? select(whole, selection) : whole;
  const { kubernetesVersion } = options;
  const versioned = kubernetesVersion ? createSnapshot({ ...contentsOf(snapshot), kubernetesVersion }) : snapshot;
  const unreadable = (options.unreadable ?? []).map((written) => kindIn(versioned, written));
  return unreadable.length > 0 ? withUnreadable(versioned, unreadable) : versioned;
}

/** Reads the facts of `--with` and returns what adds them to a snapshot: nothing, where there are none. */
export async function readRecorded(
  { with: files = [] }: SourceOptions,
  { cwd, stdin }: Io,
): Promise<(snapshot: Snapshot) => Snapshot> {
  if (files.length === 0) return (snapshot) => snapshot;
  let reading = RECORDED.get(files);
  if (!reading) RECORDED.set(files, (reading = readManifests(files, { cwd, stdin })));
  const recorded = await reading;
  return (snapshot) => withRecorded(snapshot, recorded);
}

/** What was read for the flags of a command: they are asked about more than once, and stdin can be read only once. */
const RECORDED = new WeakMap<readonly string[], Promise<Snapshot>>();

async function read(options: SourceOptions, io: Io): Promise<Snapshot> {
  const { cwd, stdin } = io;
  if (options.filename) {
    const { namespace } = options;
    const snapshot = await readManifests(options.filename, {
      cwd,
      stdin,
      ...(namespace === undefined ? {} : { namespace }),
    });
    // What was cut short is no input to judge.
    io.signal.throwIfAborted();
    return snapshot;
  }
  if (options.snapshot !== undefined) return readSnapshotFile(options.snapshot, cwd);
  return readLive(options, io);
}

/**
 * A kind as written in `--unreadable`: one that everybody knows, one that was read or refused, one that a
 * CustomResourceDefinition brings, or a custom resource by its full name. Throws SW_UNKNOWN_KIND for what is none: hiding it
 * would change nothing, and nobody would notice.
 */
function kindIn(snapshot: Snapshot, written: string): KindKey {
  const key = kindKeyOf(written);
  if (knownKind(key)) return key;
  const wanted = key.toLowerCase();
  const gone = snapshot.coverage.gaps.map(({ kind }) => kind).filter((kind) => kind !== '*');
  const here = [...snapshot.kinds(), ...gone, ...customKinds(snapshot)];
  const found = here.find((kind) => kind.toLowerCase() === wanted || kind.toLowerCase().startsWith(`${wanted}.`));
  if (found !== undefined) return found;
  const meant = didYouMean(written, [...kindNames(), ...here]);
  // A custom resource by its full name may well have no object here, and no definition.
  if (meant === undefined && key.includes('.')) return key;
  throw new SeaworthyError('SW_UNKNOWN_KIND', `--unreadable ${written}: there is no such kind`, {
    hint: meant ?? 'Write a kind, its plural or its short name: NetworkPolicy.',
  });
}

/** The kinds that the CustomResourceDefinitions of a snapshot bring. */
function customKinds(snapshot: Snapshot): readonly KindKey[] {
  return snapshot.list('CustomResourceDefinition.apiextensions.k8s.io').flatMap(({ object }) => {
    const [kind, group] = [text(at(object, 'spec', 'names', 'kind')), text(at(object, 'spec', 'group'))];
    return kind === undefined || group === undefined ? [] : [`${kind}.${group}`];
  });
}

function failOnFindings({ findings }: Snapshot): void {
  const [first, ...others] = findings;
  if (!first) return;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  throw new SeaworthyError(first.code, `${first.message}${more}`, {
    hint: first.hint ?? 'Without --strict this is reported and the rest is read.',
    ...(first.at ? { at: first.at } : {}),
  });
}

async function readLive(options: SourceOptions, io: Io): Promise<Snapshot> {
  const client = openCluster(options, io);
  try {
    return await readCluster(client, {
      now: io.now,
      signal: io.signal,
      ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
      ...(options.lab === true ? { source: { kind: 'lab', description: 'the embedded cluster' } as const } : {}),
    });
  } finally {
    client.close();
  }
}

/** A client of the cluster the flags name: `--lab`, else the kubeconfig, else the one we run in. */
export function openCluster(options: ConnectionOptions, io: Io): ClusterClient {
  const { kubeconfig, context, cluster, user, as, asGroup = [], requestTimeout, chunkSize } = options;
  if (as === undefined && asGroup.length > 0) {
    throw new SeaworthyError('SW_USAGE', '--as-group needs --as', {
      hint: 'A group is impersonated together with a user.',
    });
  }
  return connect(
    {
      ...(options.lab === true ? { labKubeconfig: labKubeconfigPath(io.env) } : {}),
      ...(kubeconfig === undefined ? {} : { kubeconfig }),
      ...(context === undefined ? {} : { context }),
      ...(cluster === undefined ? {} : { cluster }),
      ...(user === undefined ? {} : { user }),
      ...(as === undefined ? {} : { impersonate: { user: as, groups: asGroup } }),
    },
    io.env,
    io.cwd,
    {
      ...(requestTimeout === undefined ? {} : { requestTimeoutMs: requestTimeout }),
      ...(chunkSize === undefined || chunkSize === 0 ? {} : { pageSize: chunkSize }),
    },
  );
}

/** `30s`, `1m`, `500ms`, `1h`, or a number of seconds, as kubectl takes them. */
function durationMs(written: string): number {
  const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  const parts = [...written.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)?/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== written) {
    throw new InvalidArgumentError('Write it as 30s or 1m30s.');
  }
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (units[unit ?? 's'] ?? 1000), 0);
}
