import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { KubernetesObject } from '../model/object.ts';
import { createClusterClient, type ClientOptions } from './client.ts';
import type { Connection } from './kubeconfig.ts';
import { json, startSmallApiServer, status, type SmallApiServer } from './testing/small-api-server.ts';
import type { ApiResource, ClusterClient } from './types.ts';

let server: SmallApiServer;
let client: ClusterClient;
beforeEach(async () => {
  server = await startSmallApiServer();
  client = connectTo(server.url);
});
afterEach(async () => {
  client.close();
  await server.close();
});

function connectTo(url: string, more: Partial<Connection> = {}, options: ClientOptions = {}): ClusterClient {
  const connection: Connection = {
    context: 'small',
    server: url,
    namespace: 'shop',
    tls: { insecure: false },
    credential: { kind: 'none' },
    ...more,
  };
  return createClusterClient(connection, { env: {}, ...options });
}

const PODS: ApiResource = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  resource: 'pods',
  namespaced: true,
  verbs: ['list'],
};

function pod(name: string, namespace = 'shop', more: object = {}): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, ...more }, spec: {} };
}

async function names(options = {}): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const page of client.list(PODS, options)) {
    if (page.kind !== 'ok') return [...found, page.kind];
    found.push(...page.value.map(({ metadata }) => metadata.name));
  }
  return found;
}

const listRequests = (): number => server.seen.filter(({ path }) => path === '/api/v1/pods').length;

describe('lists', () => {
  test('come in pages, each object as itself and without managed fields', async () => {
    for (let i = 0; i < 25; i++) server.set(pod(`p${i}`, 'shop', { managedFields: [{ manager: 'x' }] }));
    const pages: number[] = [];
    for await (const page of client.list(PODS, { pageSize: 10 })) {
      if (page.kind !== 'ok') throw new Error(page.because);
      pages.push(page.value.length);
      for (const object of page.value) {
        expect(object).toMatchObject({ apiVersion: 'v1', kind: 'Pod' });
        expect(object.metadata).not.toHaveProperty('managedFields');
      }
    }
    expect(pages).toEqual([10, 10, 5]);
  });

  test('of one namespace, with selectors, ask for just that', async () => {
    server.set(pod('a'));
    server.set(pod('b', 'other'));
    expect(await names({ namespace: 'other', labelSelector: 'app=web,tier in (a)', fieldSelector: 'x=y' })).toEqual([
      'b',
    ]);
    const { path, query } = server.seen.at(-1)!;
    expect(path).toBe('/api/v1/namespaces/other/pods');
    expect(query.get('labelSelector')).toBe('app=web,tier in (a)');
  });

  test('that expire half way go on without giving an object twice', async () => {
    for (let i = 0; i < 30; i++) server.set(pod(`p${String(i).padStart(2, '0')}`));
    let pages = 0;
    server.intercept = ({ path }) => {
      if (path === '/api/v1/pods' && ++pages === 2) server.compact();
      return false;
    };
    const found = await names({ pageSize: 10 });
    expect(found).toHaveLength(30);
    expect(new Set(found).size).toBe(30);
  });

  test('that expire with nowhere to go on start again', async () => {
    for (let i = 0; i < 30; i++) server.set(pod(`p${i}`));
    let pages = 0;
    server.intercept = ({ path }, response) => {
      if (path !== '/api/v1/pods' || ++pages !== 3) return false;
      status(response, 410, 'Expired', 'gone');
      return true;
    };
    const found = await names({ pageSize: 10 });
    expect([found.length, new Set(found).size]).toEqual([30, 30]);
    expect(pages).toBe(6);
  });

  test('a refusal ends them and is a value', async () => {
    server.intercept = (_, response) => {
      status(response, 403, 'Forbidden', 'pods is forbidden');
      return true;
    };
    expect(await names()).toEqual(['forbidden']);
    expect(listRequests()).toBe(1);
  });
});

describe('patience', () => {
  test('429 is repeated after the time the server names', async () => {
    server.set(pod('a'));
    let refusals = 2;
    server.intercept = (_, response) => {
      if (refusals-- <= 0) return false;
      status(response, 429, 'TooManyRequests', 'slow down', { 'retry-after': '0' });
      return true;
    };
    expect(await names()).toEqual(['a']);
    expect(listRequests()).toBe(3);
  });

  test('Retry-After is waited out', async () => {
    let refusals = 1;
    server.intercept = (_, response) => {
      if (refusals-- <= 0) return false;
      status(response, 503, 'Unavailable', 'starting', { 'retry-after': '1' });
      return true;
    };
    const before = performance.now();
    await names();
    expect(performance.now() - before).toBeGreaterThan(990);
  });

  test('Retry-After may be a date', async () => {
    server.intercept = (_, response) => {
      server.intercept = () => false;
      status(response, 503, 'ServiceUnavailable', 'later', {
        'retry-after': new Date(Date.now() - 60_000).toUTCString(),
      });
      return true;
    };
    expect(await client.version()).toEqual({ major: 1, minor: 36 });
  });

  test('a server that never recovers is an answer in the end, soon when it asks for more time than we have', async () => {
    server.intercept = (_, response) => {
      status(response, 503, 'Unavailable', 'starting', { 'retry-after': '3600' });
      return true;
    };
    expect(await names()).toEqual(['unavailable']);
    expect(listRequests()).toBe(1);
  });

  test('a write is not repeated when it may have happened', async () => {
    server.intercept = ({ method }, response) => {
      if (method !== 'POST') return false;
      status(response, 500, 'InternalError', 'etcdserver: request timed out');
      return true;
    };
    expect(await client.create(pod('a'))).toMatchObject({ kind: 'unavailable' });
    expect(server.seen.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  test('a connection cut within an answer is tried again', async () => {
    server.set(pod('a'));
    let cuts = 2;
    server.intercept = ({ path }, response) => {
      if (path !== '/api/v1/pods' || cuts-- <= 0) return false;
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"items":[');
      setTimeout(() => response.destroy(), 20);
      return true;
    };
    expect(await names()).toEqual(['a']);
  });

  test('the budget spreads requests', async () => {
    client.close();
    client = connectTo(server.url, {}, { rate: { perSecond: 50, burst: 2 } });
    const before = performance.now();
    await Promise.all(Array.from({ length: 12 }, () => client.version()));
    expect(performance.now() - before).toBeGreaterThan(180);
  });
});

describe('who we are', () => {
  const authorizations = (): readonly unknown[] => server.seen.map(({ headers }) => headers.authorization);

  test('a token, a password, somebody else', async () => {
    await connectTo(server.url, { credential: { kind: 'token', token: 't' } }).version();
    await connectTo(server.url, { credential: { kind: 'basic', username: 'u', password: 'p' } }).version();
    await client.as({ user: 'jane', groups: ['dev', 'ops'] }).version();
    expect(authorizations()).toEqual(['Bearer t', 'Basic dTpw', undefined]);
    expect(server.seen[2]?.headers).toMatchObject({ 'impersonate-user': 'jane', 'impersonate-group': 'dev, ops' });
  });

  test('a plugin is asked once, again when the server refuses its token, and then we give up', async () => {
    const script = 'echo "{\\"status\\":{\\"token\\":\\"$$\\"}}"';
    const plugin = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: 'sh',
      args: ['-c', script],
      env: {},
      installHint: undefined,
      clusterInfo: undefined,
    };
    const other = connectTo(server.url, { credential: { kind: 'exec', plugin } });
    await Promise.all([other.version(), other.version()]);
    expect(new Set(authorizations()).size).toBe(1);
    server.intercept = (_, response) => {
      status(response, 401, 'Unauthorized', 'Unauthorized');
      return true;
    };
    await expect(other.version()).rejects.toMatchObject({ code: 'SW_UNAUTHORIZED', exit: 4 });
    expect(new Set(authorizations()).size).toBe(2);
    other.close();
  });

  test('a plugin that fails says so', async () => {
    const plugin = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: '/nowhere/login',
      args: [],
      env: {},
      installHint: 'Install login.',
      clusterInfo: undefined,
    };
    const other = connectTo(server.url, { credential: { kind: 'exec', plugin } });
    await expect(other.version()).rejects.toMatchObject({ code: 'SW_NO_CREDENTIALS', hint: 'Install login.', exit: 4 });
  });
});

describe('servers that can not be talked to', () => {
  test('nobody there', async () => {
    await expect(connectTo('http://127.0.0.1:1').version()).rejects.toMatchObject({
      code: 'SW_API_UNREACHABLE',
      exit: 4,
    });
  });

  test('no such name', async () => {
    await expect(connectTo('http://nowhere.invalid').version()).rejects.toMatchObject({ code: 'SW_API_UNREACHABLE' });
  });

  test('silence', async () => {
    server.intercept = () => true;
    const impatient = connectTo(server.url, {}, { requestTimeoutMs: 100 });
    await expect(impatient.version()).rejects.toMatchObject({
      code: 'SW_API_UNREACHABLE',
      message: expect.stringContaining('no answer within 0.1 s'),
    });
    impatient.close();
  });

  test('something else than Kubernetes', async () => {
    server.intercept = (_, response) => {
      response.writeHead(404).end('<html>not here</html>');
      return true;
    };
    await expect(client.version()).rejects.toMatchObject({
      code: 'SW_API_UNREACHABLE',
      message: expect.stringContaining('not here'),
    });
  });

  test('an interruption is thrown as it came', async () => {
    server.intercept = () => true;
    const controller = new AbortController();
    const asked = client.version(controller.signal);
    setTimeout(() => controller.abort(), 30);
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('what answers mean', () => {
  test.each([
    [403, 'forbidden'],
    [404, 'missing'],
    [409, 'conflict'],
    [422, 'rejected'],
    [400, 'rejected'],
    [500, 'unavailable'],
  ])('%d is %s', async (code, kind) => {
    server.intercept = ({ method }, response) => {
      if (method === 'GET') return false;
      status(response, code, 'x', 'in the words of the server');
      return true;
    };
    expect(await client.apply(pod('a'))).toMatchObject({ kind, because: 'in the words of the server' });
  });

  test('an eviction a budget forbids is not insisted on', async () => {
    server.intercept = ({ method }, response) => {
      if (method === 'GET') return false;
      status(response, 429, 'TooManyRequests', 'would violate the budget', { 'retry-after': '10' });
      return true;
    };
    expect(await client.evict({ namespace: 'shop', pod: 'a' })).toEqual({
      kind: 'unavailable',
      because: 'would violate the budget',
      retryAfterSeconds: 10,
    });
  });

  test('writes say who, what and how', async () => {
    server.intercept = ({ method }, response) => {
      if (method !== 'GET') json(response, 200, pod('a'));
      return method !== 'GET';
    };
    await client.apply(pod('a'), { dryRun: true });
    await client.delete({ apiVersion: 'v1', kind: 'Pod', name: 'a' }, { uid: 'u', gracePeriodSeconds: 0 });
    const [apply, gone] = server.seen.filter(({ method }) => method !== 'GET');
    expect(apply).toMatchObject({ method: 'PATCH', path: '/api/v1/namespaces/shop/pods/a' });
    expect(apply?.headers['content-type']).toBe('application/apply-patch+yaml');
    expect(Object.fromEntries(apply!.query)).toEqual({ fieldManager: 'seaworthy', force: 'true', dryRun: 'All' });
    expect(JSON.parse(gone!.body)).toMatchObject({ preconditions: { uid: 'u' }, gracePeriodSeconds: 0 });
  });

  test('a kind that is not served is missing', async () => {
    expect(await client.get({ apiVersion: 'example.com/v1', kind: 'Widget', name: 'a' })).toMatchObject({
      kind: 'missing',
    });
  });
});

describe('discovery', () => {
  test('names every kind in its preferred version', async () => {
    const { resources, failed } = await client.discover();
    expect(resources.map(({ group, resource }) => `${group}/${resource}`)).toEqual([
      '/pods',
      '/namespaces',
      '/secrets',
      'networking.k8s.io/networkpolicies',
    ]);
    expect(failed).toEqual([]);
  });

  test('of an older server goes group by group; one that does not answer is named', async () => {
    const kinds = [
      { name: 'pods', kind: 'Pod', namespaced: true, verbs: ['list'] },
      { name: 'pods/log', kind: 'Pod' },
    ];
    const answers: Readonly<Record<string, unknown>> = {
      '/api': { kind: 'APIVersions', versions: ['v1'] },
      '/apis': {
        kind: 'APIGroupList',
        groups: [
          { name: 'apps', preferredVersion: { version: 'v1' }, versions: [{ version: 'v1beta1' }, { version: 'v1' }] },
          { name: 'broken.io', versions: [{ version: 'v1' }] },
        ],
      },
      '/api/v1': { resources: kinds },
      '/apis/apps/v1': { resources: [{ name: 'deployments', kind: 'Deployment', namespaced: true, verbs: ['list'] }] },
      '/apis/apps/v1beta1': {
        resources: [{ name: 'deployments', kind: 'Deployment', namespaced: true, verbs: ['list'] }],
      },
    };
    server.intercept = ({ path }, response) => {
      const answer = answers[path];
      if (answer === undefined) status(response, 404, 'NotFound', 'not found');
      else json(response, 200, answer);
      return true;
    };
    const { resources, failed } = await client.discover();
    expect(resources.map(({ group, version, resource }) => `${group}/${version}/${resource}`)).toEqual([
      '/v1/pods',
      'apps/v1/deployments',
    ]);
    expect(failed).toEqual(['broken.io/v1']);
  });
});
