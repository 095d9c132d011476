import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { KubernetesObject } from '../model/object.ts';
import { createClusterClient } from './client.ts';
import { startSmallApiServer, status, type SmallApiServer } from './testing/small-api-server.ts';
import type { ApiResource, ClusterClient } from './types.ts';
import { WATCH_TIMES, type WatchTimes } from './watch.ts';

const PODS: ApiResource = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  resource: 'pods',
  namespaced: true,
  verbs: ['list'],
};
const QUICK: WatchTimes = { ...WATCH_TIMES, firstRetryMs: 10, lastRetryMs: 50 };

let server: SmallApiServer;
let stop: AbortController;
let running: Promise<void>;
let client: ClusterClient;
let log: string[];

beforeEach(async () => {
  server = await startSmallApiServer();
  stop = new AbortController();
  log = [];
});
afterEach(async () => {
  stop.abort();
  await running;
  client.close();
  await server.close();
});

function pod(name: string): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'shop' } };
}

/** Follows the pods and keeps what a consumer would know: the names it believes to exist. */
function follow(times: WatchTimes = QUICK): Set<string> {
  client = createClusterClient(
    { context: 'small', server: server.url, namespace: 'shop', tls: { insecure: false }, credential: { kind: 'none' } },
    { env: {}, watchTimes: times },
  );
  const known = new Set<string>();
  const watch = client.watch(PODS, { signal: stop.signal, pageSize: 2 });
  running = (async () => {
    for await (const event of watch) {
      log.push(
        event.kind === 'upsert' || event.kind === 'delete' ? `${event.kind} ${event.object.metadata.name}` : event.kind,
      );
      if (event.kind === 'relist') known.clear();
      if (event.kind === 'upsert') known.add(event.object.metadata.name);
      if (event.kind === 'delete') known.delete(event.object.metadata.name);
    }
  })();
  return known;
}

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition() && waited < 5000; waited += 5) await delay(5);
  if (!condition()) throw new Error(`never happened; seen: ${log.join(', ')}`);
}

describe('a watch', () => {
  test('lists, then follows, and ends when it is told to', async () => {
    for (const name of ['a', 'b', 'c']) server.set(pod(name));
    const known = follow();
    await until(() => server.watches() === 1);
    server.set(pod('d'));
    server.delete('Pod', 'a');
    await until(() => log.includes('delete a'));
    expect(log).toEqual(['relist', 'upsert a', 'upsert b', 'upsert c', 'synced', 'upsert d', 'delete a']);
    expect([...known]).toEqual(['b', 'c', 'd']);
    stop.abort();
    await running;
    await until(() => server.watches() === 0);
  });

  test('resumes after a dropped connection where it stood, and misses nothing', async () => {
    const known = follow();
    await until(() => server.watches() === 1);
    server.set(pod('a'));
    await until(() => known.has('a'));
    server.dropWatches();
    server.set(pod('b'));
    await until(() => known.has('b'));
    expect(log).toEqual(['relist', 'synced', 'upsert a', 'interrupted', 'upsert b']);
  });

  test('resumes from a bookmark when everything before it is forgotten', async () => {
    const known = follow();
    await until(() => server.watches() === 1);
    server.compact();
    server.bookmark();
    await delay(50);
    server.dropWatches();
    server.set(pod('a'));
    await until(() => known.has('a'));
    expect(log.filter((line) => line === 'relist')).toHaveLength(1);
  });

  test('lists again when its place is forgotten (410), and what is gone is gone', async () => {
    server.set(pod('a'));
    server.set(pod('b'));
    const known = follow();
    await until(() => server.watches() === 1);
    server.dropWatches();
    server.delete('Pod', 'a');
    server.compact();
    await until(() => log.filter((line) => line === 'synced').length === 2);
    expect([...known]).toEqual(['b']);
  });

  test('lists again when the 410 comes within the stream', async () => {
    follow();
    await until(() => server.watches() === 1);
    server.intercept = ({ query }, response) => {
      if (query.get('watch') === null) return false;
      server.intercept = () => false;
      response.end(`${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410 } })}\n`);
      return true;
    };
    server.dropWatches();
    await until(() => log.filter((line) => line === 'synced').length === 2);
    expect(log).toEqual(['relist', 'synced', 'interrupted', 'relist', 'synced']);
  });

  test('notices silence', async () => {
    const known = follow({ ...QUICK, stallMs: 60 });
    await until(() => server.watches() === 1);
    await until(() => log.includes('interrupted'));
    await until(() => server.watches() === 1);
    server.set(pod('a'));
    await until(() => known.has('a'));
    expect(log.filter((line) => line === 'relist')).toHaveLength(1);
  });

  test('lists everything again from time to time', async () => {
    server.set(pod('a'));
    follow({ ...QUICK, relistMs: 80 });
    await until(() => log.filter((line) => line === 'synced').length >= 3);
    expect(log).not.toContain('interrupted');
  });

  test('outlives a server that is away', async () => {
    const known = follow();
    await until(() => server.watches() === 1);
    let away = true;
    server.intercept = (_, response) => {
      if (away) response.destroy();
      return away;
    };
    server.dropWatches();
    await until(() => log.filter((line) => line === 'interrupted').length >= 2);
    away = false;
    server.set(pod('a'));
    await until(() => known.has('a'));
    expect(log.filter((line) => line === 'relist')).toHaveLength(1);
  });

  test('says why when it is refused, and goes on asking', async () => {
    let refused = true;
    server.intercept = (_, response) => {
      if (refused) status(response, 403, 'Forbidden', 'pods is forbidden');
      return refused;
    };
    follow();
    await until(() => log.includes('interrupted'));
    refused = false;
    await until(() => log.includes('synced'));
    expect(log.slice(0, 2)).toEqual(['relist', 'interrupted']);
  });

  test('puts lines together however they are cut', async () => {
    follow();
    await until(() => server.watches() === 1);
    server.intercept = ({ query }, response) => {
      if (query.get('watch') === null) return false;
      server.intercept = () => false;
      const object = { ...pod('é'), metadata: { name: 'é', resourceVersion: '1' } };
      const line = Buffer.from(`\n${JSON.stringify({ type: 'ADDED', object })}\n`);
      response.writeHead(200);
      let at = 0;
      const drip = setInterval(() => {
        if (at < line.length) response.write(line.subarray(at, (at += 7)));
        else clearInterval(drip);
      }, 2);
      response.on('close', () => clearInterval(drip));
      return true;
    };
    server.dropWatches();
    await until(() => log.includes('upsert é'));
    expect(log.filter((line) => line === 'interrupted')).toHaveLength(1);
  });
});
