import { request as plain, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent, request as secure } from 'node:https';
import type { KubernetesObject } from '../../model/object.ts';

/**
 * How a component of the lab reaches the API server: through the supervisor's unix socket, or as any pod does,
 * over TLS with the token of its service account.
 */
export type ApiConnection =
  | { readonly kind: 'socket'; readonly path: string; readonly token: string }
  | { readonly kind: 'tls'; readonly host: string; readonly port: number; readonly ca: string; readonly token: string };

export interface ApiResponse {
  readonly status: number;
  readonly body: unknown;
}

/** Raw JSON in and out of the API server. It has no cache and retries nothing: callers decide what a status means. */
export interface ApiClient {
  get(path: string): Promise<ApiResponse>;
  send(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<ApiResponse>;
  mergePatch(path: string, patch: unknown): Promise<ApiResponse>;
  /** The lines of a watch as they come. Ends when the server ends it; throws when the connection breaks. */
  watch(path: string, signal: AbortSignal): AsyncIterable<WatchLine>;
}

export interface WatchLine {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: KubernetesObject;
}

/** Nothing heard for this long on a watch or a request means that the other end is gone. */
const SILENCE_MS = 60_000;

export function createApiClient(connection: ApiConnection): ApiClient {
  const pool = connection.kind === 'tls' ? new Agent({ keepAlive: true, ca: connection.ca }) : undefined;

  function open(method: string, path: string, headers: Record<string, string>, signal?: AbortSignal) {
    const options: RequestOptions = {
      method,
      path,
      headers: { accept: 'application/json', authorization: `Bearer ${connection.token}`, ...headers },
      timeout: SILENCE_MS,
      ...(signal ? { signal } : {}),
    };
    return connection.kind === 'socket'
      ? plain({ ...options, socketPath: connection.path, host: 'localhost' })
      : secure({ ...options, host: connection.host, port: connection.port, agent: pool });
  }

  function answer(method: string, path: string, contentType?: string, body?: unknown): Promise<ApiResponse> {
    return new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      // Node sends the body of a DELETE without its length unless told to, which no server can read.
      const headers =
        text === undefined
          ? undefined
          : { 'content-type': contentType ?? 'application/json', 'content-length': String(Buffer.byteLength(text)) };
      const sent = open(method, path, headers ?? {});
      sent.on('error', reject);
      sent.on('timeout', () => sent.destroy(new Error('the API server is silent')));
      sent.on('response', (response) => {
        readText(response).then((received) => {
          resolve({ status: response.statusCode ?? 0, body: parse(received) });
        }, reject);
      });
      sent.end(text);
    });
  }

  return {
    get: (path) => answer('GET', path),
    send: (method, path, body) => answer(method, path, 'application/json', body),
    mergePatch: (path, patch) => answer('PATCH', path, 'application/merge-patch+json', patch),
    async *watch(path, signal) {
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        const sent = open('GET', path, {}, signal);
        sent.on('error', reject);
        sent.on('timeout', () => sent.destroy(new Error('the watch is silent')));
        sent.on('response', resolve);
        sent.end();
      });
      if (response.statusCode !== 200) {
        throw new Error(`watch of ${path}: HTTP ${response.statusCode} ${await readText(response)}`);
      }
      response.setEncoding('utf8');
      let rest = '';
      for await (const chunk of response as AsyncIterable<string>) {
        rest += chunk;
        const lines = rest.split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) if (line !== '') yield JSON.parse(line) as WatchLine;
      }
    },
  };
}

async function readText(response: IncomingMessage): Promise<string> {
  response.setEncoding('utf8');
  let text = '';
  for await (const chunk of response as AsyncIterable<string>) text += chunk;
  return text;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
