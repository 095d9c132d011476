import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from './testing/connect.ts';

let server: TestServer;
const send: TestServer['send'] = (...args) => server.send(...args);
const MERGE = { 'content-type': 'application/merge-patch+json' };
const STRATEGIC = { 'content-type': 'application/strategic-merge-patch+json' };
const APPLY = { 'content-type': 'application/apply-patch+yaml' };
const maps = '/api/v1/namespaces/default/configmaps';
const map = (name: string, data: Record<string, string> = { a: '1' }) => ({ metadata: { name }, data });
const podSpec = (extra: object = {}) => ({ containers: [{ name: 'c', image: 'nginx', ...extra }] });

beforeAll(async () => {
  server = await startTestServer({ historyLimit: 50 });
  for (const namespace of ['default', 'kube-system']) {
    await send('POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name: 'default' } });
  }
});
afterAll(() => server.api.close());

describe('objects', () => {
  test('a create gives back identity and a revision; a second one conflicts', async () => {
    const created = await send('POST', maps, map('one'));
    expect(created.code).toBe(201);
    expect(created.body.metadata).toMatchObject({ name: 'one', namespace: 'default' });
    expect(created.body.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    const again = await send('POST', maps, map('one'));
    expect(again.code).toBe(409);
    expect(again.body).toMatchObject({ reason: 'AlreadyExists', message: 'configmaps "one" already exists' });
  });

  test('an update with an old revision is a conflict, one that changes nothing keeps the revision', async () => {
    const { body: first } = await send('POST', maps, map('two'));
    const { body: second } = await send('PUT', `${maps}/two`, { ...first, data: { a: '2' } });
    expect(Number(second.metadata.resourceVersion)).toBeGreaterThan(Number(first.metadata.resourceVersion));
    expect((await send('PUT', `${maps}/two`, { ...first, data: { a: '3' } })).body.reason).toBe('Conflict');
    const { body: same } = await send('PUT', `${maps}/two`, second);
    expect(same.metadata.resourceVersion).toBe(second.metadata.resourceVersion);
  });

  test('dryRun answers as if and stores nothing', async () => {
    expect((await send('POST', `${maps}?dryRun=All`, map('ghost'))).code).toBe(201);
    expect((await send('GET', `${maps}/ghost`)).code).toBe(404);
  });

  test('an unknown field is refused under Strict and warned of otherwise', async () => {
    const odd = { ...map('odd'), nonsense: 1 };
    expect((await send('POST', `${maps}?fieldValidation=Strict`, odd)).body.message).toContain(
      'strict decoding error: unknown field "nonsense"',
    );
    const { body, warnings } = await send('POST', maps, odd);
    expect(body.nonsense).toBeUndefined();
    expect(warnings.join()).toContain('unknown field');
  });

  test('finalizers keep an object until the last is taken off', async () => {
    await send('POST', maps, { metadata: { name: 'held', finalizers: ['example.com/hold'] } });
    expect((await send('DELETE', `${maps}/held`)).body.metadata.deletionTimestamp).toBeDefined();
    await send('PATCH', `${maps}/held`, { metadata: { finalizers: null } }, MERGE);
    expect((await send('GET', `${maps}/held`)).code).toBe(404);
  });
});

describe('lists', () => {
  test('all pages show the revision of the first; after compaction the next page is 410', async () => {
    const path = '/api/v1/namespaces/kube-system/configmaps';
    for (const name of ['p1', 'p2', 'p3', 'p4']) await send('POST', path, map(name));
    const first = await send('GET', `${path}?limit=2`);
    expect(first.body.items).toHaveLength(2);
    await send('DELETE', `${path}/p4`);
    const next = `${path}?limit=10&continue=${first.body.metadata.continue}`;
    const second = await send('GET', next);
    expect(second.body.metadata.resourceVersion).toBe(first.body.metadata.resourceVersion);
    expect(second.body.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toContain('p4');
    server.api.store.compact();
    expect((await send('GET', next)).body).toMatchObject({ code: 410, reason: 'Expired' });
  });

  test('a watch from a forgotten revision is told 410 in the stream', async () => {
    const watched = await send('GET', `${maps}?watch=1&resourceVersion=1`);
    expect(watched.code).toBe(200);
    expect(watched.body).toMatchObject({ type: 'ERROR', object: { code: 410 } });
  });

  test('selectors choose by labels and fields; an unknown field is 400', async () => {
    await send('POST', maps, { metadata: { name: 'lab', labels: { tier: 'x' } } });
    expect((await send('GET', `${maps}?labelSelector=tier%20in%20(x,y)`)).body.items).toHaveLength(1);
    expect((await send('GET', `${maps}?fieldSelector=metadata.name%3Dlab`)).body.items).toHaveLength(1);
    expect((await send('GET', `${maps}?fieldSelector=data.a%3D1`)).code).toBe(400);
  });
});

describe('patches', () => {
  const path = '/apis/apps/v1/namespaces/default/deployments';
  const labels = { app: 'w' };
  const deployment = {
    metadata: { name: 'w' },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: podSpec() } },
  };

  test('a strategic patch merges containers by name; a merge patch replaces the list', async () => {
    await send('POST', path, deployment);
    const side = { spec: { template: { spec: { containers: [{ name: 'side', image: 'busybox:1' }] } } } };
    const { body } = await send('PATCH', `${path}/w`, side, STRATEGIC);
    expect(body.spec.template.spec.containers.map((c: { name: string }) => c.name).sort()).toEqual(['c', 'side']);
    expect(body.metadata.generation).toBe(2);
    const { body: replaced } = await send('PATCH', `${path}/w`, side, MERGE);
    expect(replaced.spec.template.spec.containers).toHaveLength(1);
  });

  test('apply conflicts with another manager of a field, and takes it by force', async () => {
    const wanted = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'ssa' }, data: { a: '1', b: '1' } };
    expect((await send('PATCH', `${maps}/ssa?fieldManager=one`, wanted, APPLY)).code).toBe(201);
    const other = { ...wanted, data: { a: '2' } };
    const refused = await send('PATCH', `${maps}/ssa?fieldManager=two`, other, APPLY);
    expect(refused.body.message).toBe('Apply failed with 1 conflict: conflict with "one": .data.a');
    expect((await send('PATCH', `${maps}/ssa?fieldManager=two&force=true`, other, APPLY)).body.data).toEqual({
      a: '2',
      b: '1',
    });
    const less = { ...wanted, data: {} };
    expect((await send('PATCH', `${maps}/ssa?fieldManager=one`, less, APPLY)).body.data).toEqual({ a: '2' });
  });
});

describe('admission', () => {
  const pods = '/api/v1/namespaces/default/pods';

  test('a pod is given its defaults, its account and the token volume', async () => {
    const { body } = await send('POST', pods, { metadata: { name: 'p' }, spec: podSpec() });
    expect(body.spec).toMatchObject({
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      serviceAccountName: 'default',
    });
    expect(body.spec.volumes[0].name).toMatch(/^kube-api-access-/);
    expect(body.spec.containers[0]).toMatchObject({
      imagePullPolicy: 'Always',
      terminationMessagePath: '/dev/termination-log',
    });
    expect(body.status).toMatchObject({ phase: 'Pending', qosClass: 'BestEffort' });
  });

  test('Pod Security refuses what the namespace forbids', async () => {
    await send('POST', '/api/v1/namespaces', {
      metadata: { name: 'strict', labels: { 'pod-security.kubernetes.io/enforce': 'baseline' } },
    });
    await send('POST', '/api/v1/namespaces/strict/serviceaccounts', { metadata: { name: 'default' } });
    const bad = { metadata: { name: 'bad' }, spec: { ...podSpec(), hostPID: true } };
    const { code, body } = await send('POST', '/api/v1/namespaces/strict/pods', bad);
    expect(code).toBe(403);
    expect(body.message).toContain('violates PodSecurity "baseline:latest": host namespaces (hostPID=true)');
  });

  test('an invalid object is 422 with a cause for each field', async () => {
    const { code, body } = await send('POST', pods, { metadata: { name: 'none' }, spec: { containers: [] } });
    expect(code).toBe(422);
    expect(body.details.causes[0]).toMatchObject({ field: 'spec.containers', reason: 'FieldValueRequired' });
  });

  test('a NetworkPolicy is given its policyTypes', async () => {
    const policy = { metadata: { name: 'np' }, spec: { podSelector: {}, egress: [{}] } };
    const { body } = await send('POST', '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies', policy);
    expect(body.spec.policyTypes).toEqual(['Ingress', 'Egress']);
  });
});

describe('who may', () => {
  const asNobody = { 'impersonate-user': 'nobody' };

  test('RBAC decides, and says who can not do what', async () => {
    const { code, body } = await send('GET', '/api/v1/secrets', undefined, asNobody);
    expect(code).toBe(403);
    expect(body.message).toBe(
      'secrets is forbidden: User "nobody" cannot list resource "secrets" in API group "" at the cluster scope',
    );
    expect((await send('GET', '/version', undefined, asNobody)).code).toBe(200);
  });

  test('a wrong token is 401', async () => {
    expect((await send('GET', '/version', undefined, { authorization: 'Bearer wrong' })).code).toBe(401);
  });

  test('a requested token authenticates its account', async () => {
    const path = '/api/v1/namespaces/default/serviceaccounts/default/token';
    const { body } = await send('POST', path, { spec: { expirationSeconds: 600 } });
    const who = await send(
      'POST',
      '/apis/authentication.k8s.io/v1/selfsubjectreviews',
      {},
      { authorization: `Bearer ${body.status.token}` },
    );
    expect(who.body.status.userInfo.username).toBe('system:serviceaccount:default:default');
  });

  test('an eviction that a budget forbids is 429', async () => {
    const pods = '/api/v1/namespaces/default/pods';
    await send('POST', pods, { metadata: { name: 'guarded', labels: { g: '1' } }, spec: podSpec() });
    await send(
      'PATCH',
      `${pods}/guarded/status`,
      { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } },
      MERGE,
    );
    const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
    await send('POST', budgets, {
      metadata: { name: 'b' },
      spec: { minAvailable: 1, selector: { matchLabels: { g: '1' } } },
    });
    await send(
      'PATCH',
      `${budgets}/b/status`,
      {
        status: { observedGeneration: 1, disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
      },
      MERGE,
    );
    const { code, body } = await send('POST', `${pods}/guarded/eviction`, {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: 'guarded' },
    });
    expect(code).toBe(429);
    expect(body.details.causes[0]).toMatchObject({
      reason: 'DisruptionBudget',
      message: 'The disruption budget b needs 1 healthy pods and has 1 currently',
    });
  });
});

test('discovery, health and what is left out', async () => {
  expect((await send('GET', '/apis/apps/v1')).body.resources.map((r: { name: string }) => r.name)).toContain(
    'deployments/scale',
  );
  expect((await send('GET', '/readyz')).body).toEqual({ text: 'ok' });
  expect((await send('GET', '/apis/nowhere/v1/things')).code).toBe(404);
  const { code, body } = await send('POST', '/api/v1/namespaces/default/pods/p/attach');
  expect([code, body.message]).toEqual([501, 'this lab does not attach to running containers; use exec']);
});
