import type { IncomingMessage } from 'node:http';
import { parse } from 'yaml';
import { messageOf } from '../../../model/errors.ts';
import { decodeProtobuf, PROTOBUF_TYPE } from './protobuf.ts';
import { ApiError, badRequest, unsupportedMediaType } from './status.ts';

const MOST_BYTES = 3 * 1024 * 1024;
const ACCEPTED = ['application/json', 'application/yaml', PROTOBUF_TYPE] as const;

export interface Body {
  /** Without parameters. */
  readonly contentType: string;
  /** Undefined when the body is empty. */
  readonly value: unknown;
  readonly text: string;
}

/** Reads a request's body as JSON, or YAML or protobuf where the type says so; 413, 415 or 400 when it can't be. */
export async function readBody(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BYTES)
      throw new ApiError(413, 'RequestEntityTooLarge', 'Request entity too large: limit is 3145728');
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  const contentType = (request.headers['content-type'] ?? 'application/json').split(';')[0]?.trim() ?? '';
  if (body.length === 0) return { contentType, value: undefined, text: '' };
  if (contentType === PROTOBUF_TYPE) {
    const value = unlessUnreadable('protobuf', () => decodeProtobuf(body));
    return { contentType, value, text: JSON.stringify(value) };
  }
  const text = body.toString();
  return { contentType, value: parseBody(contentType, text), text };
}

function parseBody(contentType: string, text: string): unknown {
  const yaml = contentType.endsWith('yaml');
  if (!yaml && !contentType.endsWith('json')) throw unsupportedMediaType(ACCEPTED);
  // An apply is YAML by its media type and JSON by most clients.
  return unlessUnreadable(yaml ? 'YAML' : 'JSON', (): unknown =>
    yaml && !text.trimStart().startsWith('{') ? parse(text) : JSON.parse(text),
  );
}

function unlessUnreadable<T>(format: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    throw badRequest(`the object provided is unrecognized (must be of type ${format}): ${messageOf(thrown)}`);
  }
}
