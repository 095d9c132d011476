import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseExperiments } from '../../experiments/read-experiments.ts';
import type { Experiment } from '../../experiments/schema.ts';
import { SeaworthyError, systemReason } from '../../model/errors.ts';
import { readInputText } from './input-file.ts';
import type { Io } from '../io.ts';

const HINT = 'Give the path of a file or directory.';

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
    throw new SeaworthyError('SW_EXPERIMENT_UNREADABLE', `${path} can't be read: ${systemReason(cause)}`, {
      hint: HINT,
      cause,
    });
  }
}

/** The text of one of them. Throws SW_EXPERIMENT_UNREADABLE. */
export function readExperimentFile(file: string, io: Io): Promise<string> {
  return readInputText(file, io, { code: 'SW_EXPERIMENT_UNREADABLE', hint: HINT });
}
