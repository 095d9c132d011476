import { request } from 'node:https';
import { createApiServer, type ApiServer, type ApiServerOptions } from '../server.ts';

/** One answer of a server under test. */
export interface TestAnswer {
  readonly code: number;
  readonly body: Record<string, any>; // oxlint-disable-line typescript/no-explicit-any -- tests read freely
  readonly warnings: readonly string[];
}

export interface TestServer {
  readonly api: ApiServer;
  /** A Buffer is sent as it is, all else as JSON. */
  send(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<TestAnswer>;
}

/** An API server on a real port, asked over TLS as its administrator. */
export async function startTestServer(options: Partial<ApiServerOptions> = {}): Promise<TestServer> {
  const nowhere = (): never => {
    throw new Error('this test has no nodes');
  };
  const runtime = { exec: nowhere, logs: nowhere, dial: nowhere, kubeletGet: nowhere };
  const api = createApiServer({ runtime, ...options });
  const { port } = await api.listen({ kind: 'https', host: '127.0.0.1', port: 0 });
  return {
    api,
    send: (method, path, body, headers = {}) =>
      new Promise((resolve, reject) => {
        const auth = { authorization: `Bearer ${api.adminToken}` };
        const type = { 'content-type': 'application/json' };
        const sent = request(
          { host: '127.0.0.1', port, method, path, ca: api.ca, headers: { ...auth, ...type, ...headers } },
          (response) => {
            let text = '';
            response.setEncoding('utf8');
            response.on('data', (chunk: string) => (text += chunk));
            response.on('end', () => {
              const warnings = [response.headers['warning'] ?? []].flat();
              resolve({
                code: response.statusCode ?? 0,
                body: text.startsWith('{') ? JSON.parse(text.split('\n')[0] ?? '') : { text },
                warnings,
              });
            });
          },
        );
        sent.on('error', reject);
        sent.end(body === undefined || Buffer.isBuffer(body) ? body : JSON.stringify(body));
      }),
  };
}
