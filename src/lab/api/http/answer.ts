import type { ServerResponse } from 'node:http';
import type { Status } from './status.ts';

/** What a handler gives back; the pipeline writes it. `stream` writes for itself and says when it has ended. */
export type Answer =
  | { readonly kind: 'json'; readonly code: number; readonly body: unknown; readonly contentType?: string }
  | { readonly kind: 'text'; readonly code: number; readonly body: string; readonly contentType: string }
  | { readonly kind: 'stream'; readonly run: (response: ServerResponse, signal: AbortSignal) => Promise<void> };

export function json(body: unknown, code = 200): Answer {
  return { kind: 'json', code, body };
}

export function text(body: string, contentType = 'text/plain; charset=utf-8', code = 200): Answer {
  return { kind: 'text', code, body, contentType };
}

/** A warning as the `Warning` header carries it: code 299, no agent. */
function warningHeader(sentence: string): string {
  const printable = sentence.replaceAll(/[^\x20-\x7E]+/g, ' ');
  return `299 - "${printable.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

export function setWarnings(response: ServerResponse, warnings: readonly string[]): void {
  if (warnings.length > 0) response.setHeader('warning', [...new Set(warnings)].map(warningHeader));
}

export function writeJson(
  response: ServerResponse,
  code: number,
  body: unknown,
  warnings: readonly string[] = [],
  contentType = 'application/json',
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const written = Buffer.from(`${JSON.stringify(body)}\n`);
  setWarnings(response, warnings);
  response.writeHead(code, {
    'content-type': contentType,
    'content-length': written.length,
    'cache-control': 'no-cache, private',
  });
  response.end(written);
}

export function writeStatus(response: ServerResponse, status: Status, warnings: readonly string[] = []): void {
  const code = status.code ?? 500;
  const retry = status.details?.retryAfterSeconds;
  if (retry !== undefined && !response.headersSent) response.setHeader('retry-after', String(retry));
  writeJson(response, code, status, warnings);
}
