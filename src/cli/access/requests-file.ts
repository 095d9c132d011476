import { z } from 'zod';
import type { AccessRequest, Requester } from '../../analysis/access/index.ts';
import { SeaworthyError } from '../../model/errors.ts';
import { readInputText } from '../input/input-file.ts';
import type { Io } from '../io.ts';

/** One line of the file. */
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
  const lines = (await readInputText(file, io, UNREADABLE)).split('\n');
  return lines.flatMap((line, index) => (line.trim() === '' ? [] : [readLine(line, file, index + 1)]));
}

/** How `--requests` says that its file can't be read. */
const UNREADABLE = {
  code: 'SW_REQUESTS_UNREADABLE',
  hint: 'Name a file with one JSON object a line, or - for stdin.',
} as const;

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
