import { request as plain } from 'node:http';
import { request as secure } from 'node:https';
import { performance } from 'node:perf_hooks';
import { outcomeOfError } from './connect.ts';
import type { HttpAnswer, HttpRequest } from './requests.ts';

const DEFAULT_BODY_LIMIT = 4_096;

/** Asks a URL. Certificates are not verified: the question is who answers at that address. Never rejects. */
export function http(request: HttpRequest): Promise<HttpAnswer> {
  const begun = performance.now();
  const timeoutMs = request.timeoutMs ?? 5_000;
  const bodyLimit = request.bodyLimit ?? DEFAULT_BODY_LIMIT;
  const elapsed = (): number => Math.round(performance.now() - begun);
  return new Promise((resolve) => {
    let url: URL;
    try {
      url = new URL(request.url);
    } catch {
      resolve({ kind: 'http', outcome: 'probeError', detail: 'not a URL', milliseconds: 0 });
      return;
    }
    const options = { method: request.method ?? 'GET', headers: { ...request.headers }, agent: false } as const;
    const sent =
      url.protocol === 'https:' ? secure(url, { ...options, rejectUnauthorized: false }) : plain(url, options);
    const timer = setTimeout(() => {
      resolve({ kind: 'http', outcome: 'timeout', detail: `no answer in ${timeoutMs} ms`, milliseconds: elapsed() });
      sent.destroy();
    }, timeoutMs);
    sent.on('error', (error) => {
      clearTimeout(timer);
      resolve({ kind: 'http', ...outcomeOfError(error), milliseconds: elapsed() });
    });
    sent.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        if (body.length < bodyLimit) body += chunk;
      });
      response.on('close', () => {
        clearTimeout(timer);
        const status = response.statusCode ?? 0;
        resolve({
          kind: 'http',
          outcome: 'connected',
          detail: `HTTP ${status}`,
          milliseconds: elapsed(),
          status,
          body: body.slice(0, bodyLimit),
        });
      });
    });
    sent.end();
  });
}
