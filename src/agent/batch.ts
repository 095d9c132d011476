import { connect } from './connect.ts';
import { dns } from './dns.ts';
import { http } from './http.ts';
import type { ProbeAnswer, ProbeRequest } from './requests.ts';
import { whoami } from './whoami.ts';

/** Carries out one request. Never rejects. */
export async function answer(request: ProbeRequest): Promise<ProbeAnswer> {
  switch (request.kind) {
    case 'connect':
      return connect(request);
    case 'http':
      return http(request);
    case 'dns':
      return dns(request);
    case 'whoami':
      return whoami();
  }
}

/**
 * Reads requests as JSON lines and writes one JSON line for each as soon as it is answered, in whatever order that
 * happens, `concurrency` of them at a time. A request's `id` is given back; without one, its line number from 0 is.
 */
export async function batch(
  lines: AsyncIterable<string>,
  write: (line: string) => void,
  concurrency = 64,
): Promise<void> {
  const running = new Set<Promise<void>>();
  let line = 0;
  for await (const written of lines) {
    if (written.trim() === '') continue;
    while (running.size >= concurrency) await Promise.race(running);
    const one = answerLine(written, line++).then((text) => {
      running.delete(one);
      write(text);
    });
    running.add(one);
  }
  await Promise.all(running);
}

async function answerLine(written: string, line: number): Promise<string> {
  let id: unknown = line;
  try {
    const parsed: unknown = JSON.parse(written);
    if (typeof parsed === 'object' && parsed !== null && 'id' in parsed) id = parsed.id;
    const request = parseRequest(parsed);
    if (typeof request === 'string')
      return JSON.stringify({ id, kind: 'invalid', outcome: 'probeError', detail: request });
    return JSON.stringify({ id, ...(await answer(request)) });
  } catch (thrown) {
    const detail = thrown instanceof Error ? thrown.message : String(thrown);
    return JSON.stringify({ id, kind: 'invalid', outcome: 'probeError', detail });
  }
}

/** The request, or what is wrong with it. */
export function parseRequest(value: unknown): ProbeRequest | string {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return 'a request is an object with a kind';
  const fields = value as Readonly<Record<string, unknown>>;
  switch (fields['kind']) {
    case 'connect': {
      const port = fields['port'];
      if (typeof fields['host'] !== 'string') return 'connect needs a host';
      if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65_535) {
        return 'connect needs a port from 1 to 65535';
      }
      if (fields['protocol'] !== undefined && fields['protocol'] !== 'tcp' && fields['protocol'] !== 'udp') {
        return `connect knows tcp and udp, not ${JSON.stringify(fields['protocol'])}`;
      }
      return value as ProbeRequest;
    }
    case 'http':
      return typeof fields['url'] === 'string' ? (value as ProbeRequest) : 'http needs a url';
    case 'dns':
      return typeof fields['name'] === 'string' ? (value as ProbeRequest) : 'dns needs a name';
    case 'whoami':
      return value as ProbeRequest;
    default:
      return `unknown kind ${JSON.stringify(fields['kind'])}: connect, http, dns or whoami`;
  }
}
