import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { SeaworthyError, systemReason } from '../model/errors.ts';
import type { FormatId } from '../report/report.ts';
import type { Io } from './io.ts';

const FORMAT_OF_ENDING: Readonly<Record<string, FormatId>> = {
  '.html': 'html',
  '.json': 'json',
  '.yaml': 'yaml',
  '.sarif': 'sarif',
  '.xml': 'junit',
  '.md': 'markdown',
  '.csv': 'csv',
  '.txt': 'wide',
};

/** The format the name of a report's file asks for. Throws SW_USAGE for an ending that says nothing. */
export function formatOfFile(file: string): FormatId {
  const format = FORMAT_OF_ENDING[extname(file).toLowerCase()];
  if (format) return format;
  throw new SeaworthyError('SW_USAGE', `--report ${file}: the ending does not say which format is meant`, {
    hint: `Name it with one of ${Object.keys(FORMAT_OF_ENDING).join(', ')}.`,
  });
}

/** Finds out before the work whether a report can be written where it is wanted. Throws SW_CANNOT_WRITE. */
export async function ensureWritable(file: string, io: Io): Promise<void> {
  const path = resolve(io.cwd, file);
  const fail = (says: string, cause?: unknown): never => {
    throw new SeaworthyError('SW_CANNOT_WRITE', `${file} can't be written: ${says}`, {
      hint: 'Name another place; nothing was done.',
      cause,
    });
  };
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true) fail('it is a directory');
  await access(dirname(path), constants.W_OK | constants.X_OK).catch((cause: unknown) =>
    fail(`its directory is not writable (${systemReason(cause)})`, cause),
  );
}
