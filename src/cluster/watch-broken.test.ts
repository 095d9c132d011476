import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { configMap, startLabServer, type LabServer } from './testing/lab-server.ts';
import type { ApiResource, ClusterClient } from './types.ts';
import { WATCH_TIMES, type WatchTimes } from './watch.ts';

/** A watch of the lab's API server over TLS, through a proxy that cuts, silences and refuses connections. */
const MAPS: ApiResource = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  resource: 'configmaps',
  namespaced: true,
  verbs: ['list', 'watch'],
};
const QUICK: WatchTimes = { ...WATCH_TIMES, firstRetryMs: 10, lastRetryMs: 50 };

let server: LabServer;
let client: ClusterClient;
let stop: AbortController;
let running: Promise<void>;
let log: string[];

afterEach(async () => {
  stop.abort();
  await running;
  client.close();
  await server.close();
});

/** Follows the maps of the namespace and keeps what a consumer would know of them. */
async function follow(times: WatchTimes = QUICK, historyLimit?: number): Promise<ReadonlyMap<string, unknown>> {
  server = await startLabServer(historyLimit);
  client = server.connect({ watchTimes: times });
  stop = new AbortController();
  log = [];
  const known = new Map<string, unknown>();
  running = (async () => {
    for await (const event of client.watch(MAPS, { namespace: 'shop', signal: stop.signal })) {
      log.push(event.kind);
      if (event.kind === 'relist') known.clear();
      if (event.kind === 'upsert') known.set(event.object.metadata.name, event.object['data']);
      if (event.kind === 'delete') known.delete(event.object.metadata.name);
    }
  })();
  await until(() => log.includes('synced') && server.proxy.connections() > 0);
  return known;
}

function put(name: string, value: string): void {
  const admin = server.api.client('kubernetes-admin', ['system:masters']);
  const there = admin.get(MAPS_NAME, 'shop', name);
  if (there) admin.update({ ...there, data: { value } });
  else admin.create(configMap(name, { value }));
}

function remove(name: string): void {
  server.api.client('kubernetes-admin', ['system:masters']).delete(MAPS_NAME, 'shop', name);
}

const MAPS_NAME = { apiVersion: 'v1', kind: 'ConfigMap' };

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition() && waited < 15_000; waited += 5) await delay(5);
  if (!condition()) throw new Error(`never happened; seen: ${log.join(', ')}`);
}

describe('a watch through a bad network', () => {
  test('that resets connections misses nothing, however often', async () => {
    const known = await follow();
    for (let round = 0; round < 5; round++) {
      put(`map-${round}`, 'new');
      server.proxy.cut();
      put('changed', String(round));
      await until(() => known.has(`map-${round}`) && JSON.stringify(known.get('changed')).includes(`"${round}"`));
    }
    expect([...known.keys()].sort()).toEqual(['changed', 'map-0', 'map-1', 'map-2', 'map-3', 'map-4']);
    expect(log.filter((kind) => kind === 'relist')).toHaveLength(1);
  });

  test('that falls silent without a word is noticed, and the watch goes on where it stood', async () => {
    const known = await follow({ ...QUICK, stallMs: 300 });
    put('before', '1');
    await until(() => known.has('before'));
    server.proxy.silence();
    put('meanwhile', '1');
    await until(() => known.has('meanwhile'));
    expect(log.filter((kind) => kind === 'relist')).toHaveLength(1);
    expect(log).toContain('interrupted');
  });

  test('away for so long that its place is forgotten (410): all is listed again, and what is gone is gone', async () => {
    const known = await follow(QUICK, 10);
    put('old', '1');
    put('kept', '1');
    await until(() => known.has('kept'));
    server.proxy.away = true;
    server.proxy.cut();
    remove('old');
    for (let round = 0; round < 30; round++) put('kept', String(round));
    await until(() => log.includes('interrupted'));
    server.proxy.away = false;
    await until(() => (known.get('kept') as { value?: string } | undefined)?.value === '29');
    expect([...known.keys()]).toEqual(['kept']);
    expect(log.filter((kind) => kind === 'relist').length).toBeGreaterThanOrEqual(2);
  });

  test('is listed anew from time to time all the same', async () => {
    const known = await follow({ ...QUICK, relistMs: 100 });
    put('one', '1');
    await until(() => log.filter((kind) => kind === 'synced').length >= 3 && known.has('one'));
    expect(log).not.toContain('interrupted');
  });

  test('ends at once when nobody listens any more', async () => {
    await follow();
    stop.abort();
    await running;
    client.close();
    await until(() => server.proxy.connections() === 0);
  });
});
