import type { IncomingMessage } from 'node:http';
import { parse } from 'yaml';
import { messageOf } from '../../../model/errors.ts';
import { ApiError, badRequest, unsupportedMediaType } from './status.ts';

const MOST_BYTES = 3 * 1024 * 1024;
const JSON_TYPES = ['application/json', 'application/yaml'] as const;

export interface Body {
  /** Without parameters. */
  readonly contentType: string;
  /** Undefined when the body is empty. */
  readonly value: unknown;
  readonly text: string;
}

/** Reads a request's body as JSON, or YAML where the type says so; 413, 415 or 400 when it can't be. */
export async function readBody(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BYTES)
      throw new ApiError(413, 'RequestEntityTooLarge', 'Request entity too large: limit is 3145728');
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString();
  const contentType = (request.headers['content-type'] ?? 'application/json').split(';')[0]?.trim() ?? '';
  if (text === '') return { contentType, value: undefined, text };
  return { contentType, value: parseBody(contentType, text), text };
}

function parseBody(contentType: string, text: string): unknown {
  const yaml = contentType.endsWith('yaml');
  if (!yaml && !contentType.endsWith('json')) throw unsupportedMediaType(JSON_TYPES);
  try {
    // An apply is YAML by its media type and JSON by most clients.
    return yaml && !text.trimStart().startsWith('{') ? (parse(text) as unknown) : (JSON.parse(text) as unknown);
  } catch (thrown) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${yaml ? 'YAML' : 'JSON'}): ${messageOf(thrown)}`,
    );
  }
}
