import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, SeaworthyError } from '../model/errors.ts';
import { at, number, record, text, type JsonRecord } from '../model/json.ts';
import type { Outcome } from '../model/outcome.ts';
import { createBudget, type RateLimit } from './budget.ts';
import type { Authenticator } from './credentials.ts';
import type { Http, HttpRequest, HttpResponse } from './http.ts';

/** An answer that arrived. Its body is a Status for everything that is not a success. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly retryAfterSeconds?: number;
}

/** Requests to one API server, within its rate and with the retries that are safe. */
export interface Api {
  /** One request with its retries; the answer whole. */
  call(request: Omit<HttpRequest, 'silenceMs'> & { readonly patience?: 'none' }): Promise<Answer>;
  /** One request whose answer is a stream (watch, logs): refused connections are retried, the stream is not. */
  open(request: Omit<HttpRequest, 'silenceMs'> & { readonly silenceMs?: number }): Promise<HttpResponse>;
  readonly http: Http;
}

const SILENCE_MS = 60_000;
const ATTEMPTS = 5;
/** All waiting of one call together: longer than a rolling API server, shorter than a person's patience. */
const PATIENCE_MS = 30_000;

/**
 * Requests with patience: within the budget, repeated when the connection broke or the server asked to come back
 * later (429, or 5xx with Retry-After; other 5xx for reads only), and once more with fresh credentials after a 401.
 */
export function createApi(
  http: Http,
  authenticator: Authenticator,
  options: { readonly rate: RateLimit; readonly silenceMs?: number },
): Api {
  const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    await delay(ms, undefined, signal ? { signal } : {});
  };
  const budget = createBudget(options.rate, { now: () => performance.now(), sleep });
  const silenceMs = options.silenceMs ?? SILENCE_MS;

  async function attempt(request: HttpRequest & { readonly patience?: 'none' }): Promise<HttpResponse> {
    let waited = 0;
    let forgot = false;
    for (let tried = 1; ; tried++) {
      await budget.take(request.signal);
      let response: HttpResponse | undefined;
      try {
        response = await http.send(request);
      } catch (thrown) {
        if (tried >= 3 || !mayRepeat(request, thrown)) throw thrown;
      }
      if (response?.status === 401) {
        await drain(response);
        if (forgot || !authenticator.forget()) throw unauthorized();
        forgot = true;
        continue;
      }
      if (response && !comeBackLater(request.method, response)) return response;
      const wait = (retryAfter(response) ?? 0.25 * 2 ** (tried - 1)) * 1000 * (1 + Math.random() / 10);
      if (response && (request.patience === 'none' || tried >= ATTEMPTS || waited + wait > PATIENCE_MS))
        return response;
      if (response) await drain(response);
      waited += wait;
      await sleep(wait, request.signal);
    }
  }

  return {
    http,
    async call(request) {
      for (let tried = 1; ; tried++) {
        const response = await attempt({ silenceMs, ...request });
        const seconds = retryAfter(response);
        try {
          const body = parse(await readAll(response), response.status);
          return { status: response.status, body, ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }) };
        } catch (thrown) {
          // Cut off within the answer.
          if (tried >= 3 || request.method !== 'GET' || request.signal?.aborted === true) throw cutOff(thrown);
        }
      }
    },
    open: (request) => attempt({ silenceMs, ...request }),
  };
}

/** A request that never reached the server may be sent again; a read always may. */
function mayRepeat(request: HttpRequest, thrown: unknown): boolean {
  if (!(thrown instanceof SeaworthyError) || thrown.code !== 'SW_API_UNREACHABLE') return false;
  const code = text(at(thrown.cause, 'code')) ?? (thrown.cause as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'SILENCE' || code === 'ENOTFOUND') return false;
  return request.method === 'GET' || code === 'ECONNREFUSED';
}

function comeBackLater(method: string, { status, headers }: HttpResponse): boolean {
  if (status === 429) return true;
  return status >= 500 && (headers['retry-after'] !== undefined || (method === 'GET' && status !== 501));
}

/** Seconds, as API servers say it, or a date, as proxies may (RFC 9110 10.2.3). */
function retryAfter(response: HttpResponse | undefined): number | undefined {
  const written = response?.headers['retry-after'];
  if (written === undefined) return undefined;
  const seconds = /^\d+$/.test(written) ? Number(written) : (Date.parse(written) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}

async function readAll({ body }: HttpResponse): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

async function drain(response: HttpResponse): Promise<void> {
  try {
    for await (const _ of response.body);
  } catch {
    // The connection is gone, and with it what was to be drained.
  }
}

function parse(body: string, status: number): unknown {
  if (body === '') return undefined;
  try {
    return JSON.parse(body) as unknown;
  } catch (thrown) {
    if (status < 300) throw thrown;
    return { message: body.slice(0, 300).trim() }; // proxies answer in their own words
  }
}

function cutOff(thrown: unknown): unknown {
  if (thrown instanceof Error && thrown.name === 'AbortError') return thrown;
  return new SeaworthyError('SW_API_UNREACHABLE', `the answer of the API server broke off: ${messageOf(thrown)}`, {
    hint: 'Try again; a proxy between here and the server may limit the size or time of an answer.',
    exit: 4,
    cause: thrown,
  });
}

function unauthorized(): SeaworthyError {
  return new SeaworthyError('SW_UNAUTHORIZED', 'the API server does not know us (401 Unauthorized)', {
    hint: 'The token or certificate has expired or belongs to another cluster: log in again, then check with kubectl auth whoami.',
    exit: 4,
  });
}

/** What an answer means. Expected refusals are values. */
export function outcomeOf<T>(answer: Answer, read: (body: JsonRecord) => T): Outcome<T> {
  const { status, body, retryAfterSeconds } = answer;
  if (status >= 200 && status < 300) return { kind: 'ok', value: read(record(body)) };
  const because = text(at(body, 'message')) ?? `the API server answered ${status}`;
  if (status === 403) return { kind: 'forbidden', because };
  if (status === 404 || status === 410) return { kind: 'missing', because };
  if (status === 409) return { kind: 'conflict', because };
  if (status === 429 || status >= 500) {
    const seconds = retryAfterSeconds ?? number(at(body, 'details', 'retryAfterSeconds'));
    return { kind: 'unavailable', because, ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }) };
  }
  return { kind: 'rejected', because, status };
}
