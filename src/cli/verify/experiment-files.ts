import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseExperiments } from '../../experiments/read-experiments.ts';
import type { Experiment } from '../../experiments/schema.ts';
import { messageOf, SeaworthyError } from '../../model/errors.ts';
import type { Io } from '../io.ts';

/** The experiments of files, and of the YAML and JSON files of directories by name. Throws when there is none in one. */
export async function readExperimentFiles(given: readonly string[], io: Io): Promise<readonly Experiment[]> {
  const found: Experiment[] = [];
  for (const path of given) {
    const here: Experiment[] = [];
    for (const file of await filesOf(path, io)) here.push(...parseExperiments(await read(file, io), file));
    if (here.length === 0) {
      throw new SeaworthyError('SW_EXPERIMENT_INVALID', `there is no Experiment in ${path}`, {
        hint: 'An Experiment has apiVersion seaworthy.dev/v1alpha1 and kind Experiment.',
      });
    }
    found.push(...here);
  }
  return found;
}

async function filesOf(path: string, io: Io): Promise<readonly string[]> {
  try {
    if (!(await stat(resolve(io.cwd, path))).isDirectory()) return [path];
    const names = await readdir(resolve(io.cwd, path));
    return names
      .filter((name) => /\.(ya?ml|json)$/i.test(name))
      .sort()
      .map((name) => join(path, name));
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

async function read(file: string, io: Io): Promise<string> {
  try {
    return await readFile(resolve(io.cwd, file), 'utf8');
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function unreadable(path: string, cause: unknown): SeaworthyError {
  return new SeaworthyError('SW_EXPERIMENT_UNREADABLE', `${path} can't be read: ${messageOf(cause)}`, {
    hint: 'Give the path of a file or directory.',
    cause,
  });
}
