import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createClusterClient } from '../cluster/client.ts';
import { startSmallApiServer, status, type SmallApiServer } from '../cluster/testing/small-api-server.ts';
import type { ClusterClient } from '../cluster/types.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { readCluster } from './live.ts';

let server: SmallApiServer;
let client: ClusterClient;
beforeEach(async () => {
  server = await startSmallApiServer();
  client = createClusterClient(
    { context: 'small', server: server.url, namespace: 'shop', tls: { insecure: false }, credential: { kind: 'none' } },
    { env: {}, rate: { perSecond: 1000, burst: 1000 } },
  );
  for (const name of ['shop', 'other']) server.set({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  server.set({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'shop' }, spec: { unknown: 1 } });
  server.set({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'b', namespace: 'other' } });
});
afterEach(async () => {
  client.close();
  await server.close();
});

const read = (namespace?: string): Promise<Snapshot> =>
  readCluster(client, { now: () => new Date(0), ...(namespace === undefined ? {} : { namespace }) });

const pods = (snapshot: Snapshot): readonly string[] => snapshot.list('Pod').map(({ object }) => object.metadata.name);

const podGaps = (snapshot: Snapshot): readonly string[] =>
  snapshot.gaps(['Pod']).map(({ reason, namespace }) => `${reason} in ${namespace ?? 'all'}`);

/** Refuses the paths that match, as RBAC does. */
function forbid(paths: RegExp): void {
  server.intercept = ({ path }, response) => {
    if (paths.test(path)) status(response, 403, 'Forbidden', 'not allowed');
    return paths.test(path);
  };
}

describe('a live cluster', () => {
  test('is read whole, unknown fields and all, with its version and the time', async () => {
    const snapshot = await read();
    expect(snapshot).toMatchObject({ kubernetesVersion: { major: 1, minor: 36 }, takenAt: '1970-01-01T00:00:00.000Z' });
    expect(pods(snapshot).toSorted()).toEqual(['a', 'b']);
    expect(snapshot.get('Pod', 'shop', 'a')?.object['spec']).toEqual({ unknown: 1 });
    expect(podGaps(snapshot)).toEqual([]);
  });

  test('is asked for one list a kind, and never for contents of Secrets', async () => {
    await read();
    const lists = server.seen.filter(({ path }) => path.startsWith('/api/v1/')).map(({ path }) => path);
    expect(lists.toSorted()).toEqual(['/api/v1/namespaces', '/api/v1/pods', '/api/v1/secrets']);
    const secrets = server.seen.find(({ path }) => path.endsWith('/secrets'));
    expect(secrets?.headers.accept).toContain('PartialObjectMetadataList');
  });

  test('kinds it does not serve are notes', async () => {
    expect((await read()).coverage.notes).toContain('this cluster does not serve Deployment.apps');
  });
});

describe('what is refused is a gap with its remedy', () => {
  test('a kind refused everywhere', async () => {
    forbid(/\/networkpolicies$/);
    const [gap] = (await read()).gaps(['NetworkPolicy.networking.k8s.io'], undefined);
    expect(gap).toMatchObject({
      reason: 'forbidden',
      remedy:
        'Grant a ClusterRole with the rule {apiGroups: ["networking.k8s.io"], resources: ["networkpolicies"], verbs: ["list"]}.',
    });
  });

  test('a kind refused over all namespaces is read in each that allows it', async () => {
    forbid(/^\/api\/v1\/(pods|namespaces\/other\/pods)$/);
    const snapshot = await read();
    expect(pods(snapshot)).toEqual(['a']);
    expect(podGaps(snapshot)).toEqual(['forbidden in other']);
  });

  test('with -n only that namespace is tried, and the others are gaps', async () => {
    forbid(/^\/api\/v1\/pods$/);
    const snapshot = await read('other');
    expect(pods(snapshot)).toEqual(['b']);
    expect(podGaps(snapshot)).toEqual(['forbidden in shop']);
  });

  test('when not even the namespaces are known, everything else is', async () => {
    forbid(/^\/api\/v1\/(pods|namespaces)$/);
    const snapshot = await read('shop');
    expect(pods(snapshot)).toEqual(['a']);
    expect(podGaps(snapshot)).toEqual(['forbidden in all']);
  });

  test('a list that breaks off in the middle leaves nothing but the gap', async () => {
    server.intercept = ({ path }, response) => {
      if (path !== '/api/v1/pods') return false;
      status(response, 503, 'Unavailable', 'etcd is away', { 'retry-after': '3600' });
      return true;
    };
    const snapshot = await read();
    expect(pods(snapshot)).toEqual([]);
    expect(podGaps(snapshot)).toEqual(['unavailable in all']);
  });

  test('a server that does not say what it serves leaves everything unknown', async () => {
    forbid(/^\/apis?$/);
    const snapshot = await read();
    expect(snapshot.gaps(['Pod'])).toMatchObject([{ kind: '*', reason: 'unavailable' }, { kind: '*' }]);
    expect(snapshot.coverage.notes).toEqual([]);
  });
});
