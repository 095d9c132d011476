/** A place in a file the user gave us. Lines and columns count from 1. */
export interface Position {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** Stable identifier of an error; each has a heading in docs/errors/, shown by `seaworthy explain CODE`. */
export type ErrorCode = `SW_${string}`;

/** What the process exit status says: 1 a threshold tripped, 2 usage or input, 3 evidence incomplete, 4 cluster unreachable or forbidden. */
export type ErrorExit = 1 | 2 | 3 | 4;

/** What an error carries beside its sentence. */
export interface ErrorDetails {
  /** What the person can do about it, one sentence. */
  readonly hint?: string;
  readonly at?: Position;
  readonly cause?: unknown;
  /** Exit status of the process when nobody catches it; 2 (wrong usage or input) when absent. */
  readonly exit?: ErrorExit;
}

/**
 * The one error class. Thrown only for what stops the work: expected outcomes (forbidden, not found,
 * inconclusive) are values.
 */
export class SeaworthyError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly at: Position | undefined;
  readonly exit: ErrorExit;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.name = 'SeaworthyError';
    this.code = code;
    this.hint = details.hint;
    this.at = details.at;
    this.exit = details.exit ?? 2;
  }
}

/** `file:12:3`, leaving out what is not known. */
export function formatPosition(at: Position): string {
  return [at.file, at.line, at.line === undefined ? undefined : at.column].filter((x) => x !== undefined).join(':');
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** What the operating system says of a file, in words, by the code of its error. */
const SYSTEM_REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of the path is a file, not a directory',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  ELOOP: 'its symbolic links lead in a circle',
  ENAMETOOLONG: 'the name is too long',
  EMFILE: 'too many files are open',
  EIO: 'the disk does not answer',
  EPIPE: 'the reader has gone',
  ERR_FS_FILE_TOO_LARGE: 'it is larger than 2 GiB',
};

/** Why a file could not be opened, read or written, in words; the message itself of anything else that was thrown. */
export function systemReason(thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  return SYSTEM_REASONS[code] ?? messageOf(thrown);
}
