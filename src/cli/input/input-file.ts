import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { SeaworthyError, systemReason, type ErrorCode } from '../../model/errors.ts';
import type { Io } from '../io.ts';

/** How a command says that a file it was given can't be read. */
export interface Unreadable {
  readonly code: ErrorCode;
  /** What the file should be; a sentence. */
  readonly hint: string;
}

/** The text of a file that a flag names; `-` is standard input. Throws the error given, with the reason in words. */
export async function readInputText(
  file: string,
  io: Pick<Io, 'cwd' | 'stdin'>,
  { code, hint }: Unreadable,
): Promise<string> {
  try {
    return file === '-' ? await text(io.stdin) : await readFile(resolve(io.cwd, file), 'utf8');
  } catch (cause) {
    throw new SeaworthyError(code, `${file} can't be read: ${systemReason(cause)}`, { hint, cause });
  }
}
