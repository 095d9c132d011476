import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, SeaworthyError } from '../model/errors.ts';
import { at, isRecord, number, text, type JsonRecord } from '../model/json.ts';
import type { Api } from './api-call.ts';
import { asObject, listPages } from './list.ts';
import { collectionPath, query } from './paths.ts';
import type { ApiResource, ListOptions, WatchEvent } from './types.ts';

/** Times a watch goes by, in milliseconds. */
export interface WatchTimes {
  /** The server is asked to end each request after this long, so that connections move to new servers. */
  readonly requestMs: number;
  /** Longest silence: servers send a bookmark about every minute, so a longer one means a dead connection. */
  readonly stallMs: number;
  /** Everything is listed again this often, to heal whatever was missed. */
  readonly relistMs: number;
  readonly firstRetryMs: number;
  readonly lastRetryMs: number;
}

/** Times for real clusters; tests take shorter ones. */
export const WATCH_TIMES: WatchTimes = {
  requestMs: 290_000,
  stallMs: 120_000,
  relistMs: 30 * 60_000,
  firstRetryMs: 500,
  lastRetryMs: 30_000,
};

/** How one request of a watch ended. */
type End =
  | { readonly kind: 'resume' }
  /** The place we stood at is forgotten by the server, or it is time: list again. */
  | { readonly kind: 'relist' }
  | { readonly kind: 'broken'; readonly because: string };

/**
 * Follows a collection until the signal aborts: a full list, then changes. Goes on after dropped connections and
 * silence where it stood, lists again when that place is gone (410) and from time to time. Never throws for what
 * the cluster does: troubles are `interrupted` events.
 */
export async function* watchCollection(
  api: Api,
  resource: ApiResource,
  options: ListOptions = {},
  times: WatchTimes = WATCH_TIMES,
): AsyncGenerator<WatchEvent> {
  const { signal } = options;
  let position: string | undefined;
  let listedAt = 0;
  let failures = 0;
  const aborted = (): boolean => signal?.aborted === true;
  while (!aborted()) {
    let end: End;
    if (position === undefined) {
      const listed: { position?: string; trouble?: string } = {};
      yield* initialList(api, resource, options, listed);
      position = listed.position;
      listedAt = performance.now();
      end =
        position === undefined
          ? { kind: 'broken', because: listed.trouble ?? 'the list broke off' }
          : { kind: 'resume' };
    } else {
      const state = { position, heard: false };
      const relistAt = listedAt + times.relistMs * (0.9 + Math.random() / 5);
      end = yield* followChanges(api, resource, options, times, state, relistAt);
      position = end.kind === 'relist' ? undefined : state.position;
      if (state.heard) failures = 0;
    }
    if (aborted()) return;
    if (end.kind !== 'broken') continue;
    const retryInMs = Math.min(times.lastRetryMs, times.firstRetryMs * 2 ** failures++) * (0.9 + Math.random() / 5);
    yield { kind: 'interrupted', because: end.because, retryInMs };
    await delay(retryInMs, undefined, signal ? { signal } : {}).catch(() => undefined);
  }
}

async function* initialList(
  api: Api,
  resource: ApiResource,
  options: ListOptions,
  result: { position?: string; trouble?: string },
): AsyncGenerator<WatchEvent> {
  yield { kind: 'relist' };
  try {
    let position = '';
    for await (const page of listPages(api, resource, options)) {
      if (page.kind !== 'ok') {
        result.trouble = page.because;
        return;
      }
      for (const object of page.value.objects) yield { kind: 'upsert', object };
      position = page.value.resourceVersion;
    }
    yield { kind: 'synced', resourceVersion: position };
    result.position = position;
  } catch (thrown) {
    result.trouble = messageOf(thrown);
  }
}

async function* followChanges(
  api: Api,
  resource: ApiResource,
  options: ListOptions,
  times: WatchTimes,
  state: { position: string; heard: boolean },
  relistAt: number,
): AsyncGenerator<WatchEvent, End> {
  const ended = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, ended.signal]) : ended.signal;
  const untilRelist = Math.max(0, relistAt - performance.now());
  let stalled: NodeJS.Timeout | undefined;
  let due = false;
  const relistTimer = setTimeout(() => {
    due = true;
    ended.abort();
  }, untilRelist);
  const alive = (): void => {
    clearTimeout(stalled);
    stalled = setTimeout(() => ended.abort(), times.stallMs);
  };
  try {
    alive();
    const response = await api.open({
      method: 'GET',
      path: watchPath(resource, options, times, state.position),
      signal,
      silenceMs: 0,
    });
    if (response.status === 410) return { kind: 'relist' };
    if (response.status !== 200) {
      response.body.destroy();
      return {
        kind: 'broken',
        because: `the API server answered ${response.status} to a watch of ${resource.resource}`,
      };
    }
    for await (const change of jsonLines(response.body, alive)) {
      const event = readChange(change, resource, state);
      if (event === 'gone') return { kind: 'relist' };
      if (event === 'error')
        return { kind: 'broken', because: text(at(change, 'object', 'message')) ?? 'the watch failed' };
      state.heard = true;
      if (event) yield event;
    }
    return due ? { kind: 'relist' } : { kind: 'resume' };
  } catch (thrown) {
    if (due) return { kind: 'relist' };
    const because = ended.signal.aborted ? `nothing was heard for ${times.stallMs / 1000} s` : messageOf(thrown);
    return { kind: 'broken', because };
  } finally {
    clearTimeout(stalled);
    clearTimeout(relistTimer);
    ended.abort();
  }
}

function watchPath(resource: ApiResource, options: ListOptions, times: WatchTimes, position: string): string {
  const { namespace, labelSelector, fieldSelector } = options;
  const timeoutSeconds = Math.max(1, Math.round((times.requestMs * (0.9 + Math.random() / 5)) / 1000));
  const parameters = { watch: 1, allowWatchBookmarks: true, resourceVersion: position, timeoutSeconds };
  return collectionPath(resource, namespace) + query({ ...parameters, labelSelector, fieldSelector });
}

/** Remembers the position a change stands at, and says what it means. */
function readChange(
  change: JsonRecord,
  resource: ApiResource,
  state: { position: string },
): WatchEvent | 'gone' | 'error' | undefined {
  const { type, object } = change;
  if (!isRecord(object)) return 'error';
  if (type === 'ERROR') return number(object['code']) === 410 ? 'gone' : 'error';
  state.position = text(at(object, 'metadata', 'resourceVersion')) ?? state.position;
  if (type === 'ADDED' || type === 'MODIFIED') return { kind: 'upsert', object: asObject(object, resource) };
  if (type === 'DELETED') return { kind: 'delete', object: asObject(object, resource) };
  return undefined; // a bookmark
}

/** One JSON object a line, however the lines are cut into chunks. `alive` is told of every chunk. */
async function* jsonLines(body: AsyncIterable<unknown>, alive: () => void): AsyncGenerator<JsonRecord> {
  let parts: Buffer[] = [];
  for await (const chunk of body) {
    alive();
    let rest = chunk as Buffer;
    for (let newline = rest.indexOf(0x0a); newline >= 0; newline = rest.indexOf(0x0a)) {
      const line = Buffer.concat([...parts, rest.subarray(0, newline)]).toString('utf8');
      parts = [];
      rest = rest.subarray(newline + 1);
      if (line.trim() === '') continue;
      const value = JSON.parse(line) as unknown;
      if (!isRecord(value))
        throw new SeaworthyError('SW_API_UNREACHABLE', 'the watch sent something that is no event', { exit: 4 });
      yield value;
    }
    if (rest.length > 0) parts.push(rest);
  }
}
