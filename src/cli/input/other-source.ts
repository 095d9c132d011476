import { execFile } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { messageOf, SeaworthyError } from '../../model/errors.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { readManifests } from '../../sources/manifests.ts';
import { readSnapshotFile } from '../../sources/snapshot-file.ts';
import type { Io } from '../io.ts';
import { asAsked, readRecorded, type SourceOptions } from './source-options.ts';

const run = promisify(execFile);

/**
 * What `--against` names: a file or directory of manifests, a snapshot file, or a revision of the git repository the
 * manifests of `-f` are in, whose state of those same files is read. The flags say of both sides what to leave out, and what is recorded beside them.
 */
export async function openOther(source: string, options: SourceOptions, io: Io): Promise<Snapshot> {
  const recorded = await readRecorded(options, io);
  return asAsked(recorded(await readOther(source, options, io)), options);
}

async function readOther(source: string, options: SourceOptions, io: Io): Promise<Snapshot> {
  const { cwd, stdin } = io;
  const { namespace, kubernetesVersion } = options;
  const reading = {
    cwd,
    stdin,
    ...(namespace === undefined ? {} : { namespace }),
    ...(kubernetesVersion ? { kubernetesVersion } : {}),
  };
  if (existsSync(resolve(cwd, source))) {
    return (await isSnapshotFile(resolve(cwd, source)))
      ? readSnapshotFile(source, cwd)
      : readManifests([source], reading);
  }
  const files = (options.filename ?? []).filter((file) => file !== '-');
  if (files.length === 0)
    throw unknownSource(source, 'there is no such file, and a git revision needs -f to say which files are meant');
  return atRevision(source, files, reading);
}

/** Reads files as they were at a git revision, through a scratch directory that is removed again. */
async function atRevision(
  revision: string,
  files: readonly string[],
  reading: NonNullable<Parameters<typeof readManifests>[1]> & { readonly cwd: string },
): Promise<Snapshot> {
  const scratch = await mkdtemp(join(tmpdir(), 'seaworthy-against-'));
  try {
    const first = resolve(reading.cwd, files[0] ?? '.');
    const { stdout: top } = await run('git', [
      '-C',
      existsSync(first) ? directoryOf(first) : reading.cwd,
      'rev-parse',
      '--show-toplevel',
    ]);
    const root = top.trim();
    const inRepository = files.map((file) => relative(root, resolve(reading.cwd, file)) || '.');
    const archive = join(scratch, 'tree.tar');
    await run('git', ['-C', root, 'archive', '--output', archive, revision, '--', ...inRepository]);
    await run('tar', ['-xf', archive, '-C', scratch]);
    await rm(archive);
    return await readManifests(inRepository, { ...reading, cwd: scratch });
  } catch (cause) {
    throw unknownSource(
      revision,
      `it is no file and git does not know it: ${
        messageOf(cause)
          .split('\n')
          .find((line) => line.startsWith('fatal')) ?? messageOf(cause)
      }`,
      cause,
    );
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Snapshots are one JSON object of kind Snapshot (perhaps compressed); the head of the file tells. */
async function isSnapshotFile(path: string): Promise<boolean> {
  if (path.endsWith('.gz')) return true;
  if (/\.ya?ml$/i.test(path) || !statSync(path).isFile()) return false;
  // A file that can't be opened is no snapshot; whoever reads it as manifests says why.
  const file = await open(path).catch(() => undefined);
  if (!file) return false;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
    return /"kind"\s*:\s*"Snapshot"/.test(buffer.toString('utf8', 0, bytesRead));
  } catch {
    return false;
  } finally {
    await file.close();
  }
}

function directoryOf(path: string): string {
  return /\.(ya?ml|json)$/i.test(path) ? resolve(path, '..') : path;
}

function unknownSource(source: string, says: string, cause?: unknown): SeaworthyError {
  return new SeaworthyError('SW_AGAINST_NOT_FOUND', `nothing to compare with at ${source}: ${says}`, {
    hint: 'Give a file, a directory, a snapshot, or a git revision such as main.',
    cause,
  });
}
