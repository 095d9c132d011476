import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { z } from 'zod';
import type { AccessRequest, Requester } from '../../analysis/access/index.ts';
import { messageOf, SeaworthyError } from '../../model/errors.ts';
import type { Io } from '../io.ts';

export interface Question {
  readonly requester: Requester;
  readonly request: AccessRequest;
}

const word = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

const Line = z.looseObject({
  user: word,
  groups: z
    .array(z.string())
    .nullish()
    .transform((value) => value ?? []),
  verb: word,
  group: word,
  resource: word,
  subresource: word,
  name: word,
  namespace: word,
  path: word,
});

/**
 * Reads questions, one JSON object a line: `{user, groups, verb, group, resource, subresource, name, namespace, path}`.
 * Absent fields are empty, values are literal as in a SubjectAccessReview, a path makes it a non-resource request.
 */
export async function readRequestsFile(file: string, io: Io): Promise<readonly Question[]> {
  const lines = (await read(file, io)).split('\n');
  return lines.flatMap((line, index) => (line.trim() === '' ? [] : [readLine(line, file, index + 1)]));
}

async function read(file: string, io: Io): Promise<string> {
  try {
    return file === '-' ? await readAll(io.stdin) : await readFile(resolve(io.cwd, file), 'utf8');
  } catch (cause) {
    throw new SeaworthyError('SW_REQUESTS_UNREADABLE', `${file} can't be read: ${messageOf(cause)}`, {
      hint: 'Name a file with one JSON object a line, or - for stdin.',
      cause,
    });
  }
}

function readLine(text: string, file: string, line: number): Question {
  const parsed = Line.safeParse(parseJson(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue?.path.join('.') || 'the line';
    throw new SeaworthyError('SW_REQUEST_INVALID', `${where}: ${issue?.message ?? 'not a request'}`, {
      hint: 'Each line is a JSON object with user, groups, verb, group, resource, subresource, name, namespace or path.',
      at: { file, line },
    });
  }
  const { user, groups, verb, path, group, resource, subresource, name, namespace } = parsed.data;
  const requester = { user, groups };
  if (path !== '') return { requester, request: { kind: 'nonResource', verb, path } };
  return { requester, request: { kind: 'resource', verb, group, resource, subresource, name, namespace } };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
