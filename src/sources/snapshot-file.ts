import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { API_VERSION } from '../model/api-version.ts';
import { messageOf, SeaworthyError, systemReason } from '../model/errors.ts';
import { isRecord, list, text, type JsonRecord } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import {
  createSnapshot,
  type Coverage,
  type Gap,
  type InputFinding,
  type KubernetesVersion,
  type Origin,
  type Snapshot,
  type SnapshotSource,
} from '../model/snapshot.ts';
import { scanJson, type JsonSpan } from '../text/json-scan.ts';
import { holdsSecretValues, withoutSecretValues } from './secrets.ts';

const WITHHELD: Gap = {
  kind: 'Secret',
  reason: 'withheld',
  fields: ['data', 'stringData'],
  detail: 'the values of Secrets were not saved; their names and keys were',
  remedy: 'Save the snapshot with --include-secret-values if an analysis needs them.',
};

/** Everything of a snapshot file but its objects. */
interface SnapshotHeader {
  readonly source: SnapshotSource;
  readonly kubernetesVersion?: KubernetesVersion;
  readonly takenAt?: string;
  readonly coverage: Coverage;
  readonly findings: readonly InputFinding[];
}

/**
 * A snapshot as one JSON document, an object a line, in chunks: its size is bounded by the disk and not by memory.
 * Values of Secrets are left out unless asked for; their keys stay.
 */
export function* formatSnapshot(
  snapshot: Snapshot,
  options: { readonly includeSecretValues?: boolean } = {},
): Generator<string> {
  const withhold = options.includeSecretValues !== true;
  const { source, kubernetesVersion, takenAt, coverage, findings } = snapshot;
  const resources = snapshot.kinds().flatMap((kind) => snapshot.list(kind));
  const withheld =
    withhold &&
    resources.some(({ object }) => holdsSecretValues(object)) &&
    !coverage.gaps.some((gap) => gap.kind === 'Secret' && gap.reason === 'withheld');
  const header: SnapshotHeader = {
    source,
    ...(kubernetesVersion ? { kubernetesVersion } : {}),
    ...(takenAt === undefined ? {} : { takenAt }),
    coverage: withheld ? { ...coverage, gaps: [...coverage.gaps, WITHHELD] } : coverage,
    findings,
  };
  yield `${JSON.stringify({ apiVersion: API_VERSION, kind: 'Snapshot', ...header }).slice(0, -1)},"objects":[\n`;
  yield* lines(resources, ({ object }) => JSON.stringify(withhold ? withoutSecretValues(object) : object));
  yield ']';
  if (resources.some(({ origin }) => origin)) {
    yield ',"origins":[\n';
    yield* lines(resources, ({ origin }) => JSON.stringify(origin ?? null));
    yield ']';
  }
  yield '}\n';
}

const CHUNK = 1 << 16;

function* lines<T>(entries: readonly T[], format: (entry: T) => string): Generator<string> {
  let chunk = '';
  for (const [index, entry] of entries.entries()) {
    chunk += `${format(entry)}${index < entries.length - 1 ? ',' : ''}\n`;
    if (chunk.length >= CHUNK) {
      yield chunk;
      chunk = '';
    }
  }
  yield chunk;
}

/** Reads what `formatSnapshot` wrote (gzipped or not). Throws SW_NOT_A_SNAPSHOT for anything else. */
export async function readSnapshotFile(file: string, cwd: string = process.cwd()): Promise<Snapshot> {
  const bytes = await load(file, cwd);
  const span = scanJson(bytes, 'objects')?.[0];
  if (!span?.items) throw notASnapshot(file);
  const header = parse(frame(bytes, span), file);
  if (header['kind'] !== 'Snapshot' || text(header['apiVersion'])?.startsWith('seaworthy.dev/') !== true) {
    throw notASnapshot(file);
  }
  const { source, kubernetesVersion, takenAt, coverage, findings } = header as unknown as SnapshotHeader;
  if (!isRecord(coverage) || !isRecord(source)) throw notASnapshot(file);
  const origins = list(header['origins']) as readonly (Origin | null)[];
  return createSnapshot({
    source: { kind: 'snapshot', description: `${file} (${source.description})`, ...takenOf(source) },
    resources: span.items.entries.map(({ start, end }, index) => {
      const origin = origins[index];
      const object = parse(bytes.toString('utf8', start, end), file) as KubernetesObject;
      return origin ? { object, origin } : { object };
    }),
    ...(kubernetesVersion ? { kubernetesVersion } : {}),
    ...(takenAt === undefined ? {} : { takenAt }),
    gaps: coverage.gaps ?? [],
    notes: coverage.notes ?? [],
    findings: findings ?? [],
    locate: ({ origin }) => origin && { file: origin.file, line: origin.line, column: origin.column },
  });
}

function takenOf({ kind, takenOf: first }: SnapshotSource): Pick<SnapshotSource, 'takenOf'> {
  const of = kind === 'snapshot' ? first : kind;
  return of === undefined ? {} : { takenOf: of };
}

function frame(bytes: Buffer, { start, end, items }: JsonSpan): string {
  if (!items) return '{}';
  return `${bytes.toString('utf8', start, items.start)}[]${bytes.toString('utf8', items.end, end)}`;
}

async function load(file: string, cwd: string): Promise<Buffer> {
  let bytes: Buffer;
  try {
    bytes = await readFile(resolve(cwd, file));
  } catch (cause) {
    throw new SeaworthyError('SW_FILE_NOT_FOUND', `${file} can't be opened: ${systemReason(cause)}`, {
      hint: 'A snapshot is one file, written by: seaworthy snapshot save -o FILE',
      cause,
    });
  }
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return await promisify(gunzip)(bytes);
  } catch (cause) {
    throw new SeaworthyError('SW_NOT_A_SNAPSHOT', `${file} is not a complete gzip file: ${messageOf(cause)}`, {
      cause,
    });
  }
}

function parse(json: string, file: string): JsonRecord {
  try {
    const value = JSON.parse(json) as unknown;
    if (isRecord(value)) return value;
  } catch (cause) {
    throw notASnapshot(file, cause);
  }
  throw notASnapshot(file);
}

function notASnapshot(file: string, cause?: unknown): SeaworthyError {
  return new SeaworthyError('SW_NOT_A_SNAPSHOT', `${file} is not a snapshot, or is cut off`, {
    hint: 'Write one with: seaworthy snapshot save -o FILE. Manifests are read with -f.',
    at: { file },
    ...(cause === undefined ? {} : { cause }),
  });
}
