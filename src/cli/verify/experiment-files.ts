import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseExperiments } from '../../experiments/read-experiments.ts';
import type { Experiment } from '../../experiments/schema.ts';
import { messageOf, SeaworthyError } from '../../model/errors.ts';
import type { Io } from '../io.ts';

/** The experiments of files, and of the YAML and JSON files of directories. Throws when there is none in one. */
export async function readExperimentFiles(given: readonly string[], io: Io): Promise<readonly Experiment[]> {
  const found: Experiment[] = [];
  for (const path of given) {
    const here: Experiment[] = [];
    for (const file of await experimentFilesOf(path, io))
      here.push(...parseExperiments(await readExperimentFile(file, io), file));
    if (here.length === 0) {
      throw new SeaworthyError('SW_EXPERIMENT_INVALID', `there is no Experiment in ${path}`, {
        hint: 'An Experiment has apiVersion seaworthy.dev/v1alpha1 and kind Experiment.',
      });
    }
    found.push(...here);
  }
  return found;
}

/** A file, or the YAML and JSON files of a directory and those below it, by name. Throws SW_EXPERIMENT_UNREADABLE. */
export async function experimentFilesOf(path: string, io: Io): Promise<readonly string[]> {
  try {
    if (!(await stat(resolve(io.cwd, path))).isDirectory()) return [path];
    const names = await readdir(resolve(io.cwd, path), { recursive: true });
    return names
      .filter((name) => /\.(ya?ml|json)$/i.test(name))
      .sort()
      .map((name) => join(path, name));
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** The text of one of them. Throws SW_EXPERIMENT_UNREADABLE. */
export async function readExperimentFile(file: string, io: Io): Promise<string> {
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
