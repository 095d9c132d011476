import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommand } from '../../testing/test-io.ts';

const MANIFESTS = `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: reader, namespace: shop }
rules:
  - { apiGroups: [apps], resources: [deployments/scale], verbs: [get] }
  - { apiGroups: [''], resources: [pods], verbs: [get, list] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: readers, namespace: shop }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader }
subjects:
  - { kind: User, name: alice }
  - { kind: ServiceAccount, name: web }
`;
let cwd = '';
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'can-'));
  writeFileSync(join(cwd, 'rbac.yaml'), MANIFESTS);
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const json = async (...args: readonly string[]) => {
  const ran = await runCommand([...args, '-f', 'rbac.yaml', '-o', 'json'], { cwd });
  return { status: ran.status, document: JSON.parse(ran.stdout) as Record<string, unknown> };
};

describe('can', () => {
  test('answers with the binding, the role and the rule', async () => {
    const { status, document } = await json('can', '--as', 'alice', 'get', 'pods', '-n', 'shop');
    expect(status).toBe(0);
    expect(document).toMatchObject({
      apiVersion: 'seaworthy.dev/v1alpha1',
      kind: 'AccessAnswer',
      allowed: true,
      because: [{ binding: { name: 'readers' }, role: { name: 'reader' }, rule: 1 }],
    });
  });

  test('reads RESOURCE.GROUP/SUB, and a service account by its user name', async () => {
    const asWeb = ['can', '--as', 'system:serviceaccount:shop:web', 'get'];
    expect((await json(...asWeb, 'deployments.apps/scale', '-n', 'shop')).document).toMatchObject({ allowed: true });
    expect((await json(...asWeb, 'deployments.apps', '-n', 'shop')).document).toMatchObject({ allowed: false });
    expect((await json(...asWeb, 'pods')).document).toMatchObject({ allowed: false });
  });

  test('what could not be read makes it unknown', async () => {
    const { document } = await json('can', '--as', 'bob', 'get', 'pods', '--unreadable', 'ClusterRoleBinding');
    expect(document).toMatchObject({ allowed: 'unknown', because: [{ kind: 'gap' }] });
  });

  test('answers a file of requests in order, literally', async () => {
    const lines = [
      { user: 'alice', verb: 'get', resource: 'pods', namespace: 'shop' },
      { user: 'alice', verb: '*', resource: 'pods', namespace: 'shop' },
      { user: 'x', groups: ['system:masters'], verb: 'get', path: '/metrics' },
      { user: 'x', verb: 'get', path: '/healthz' },
      { user: 'x', groups: ['system:authenticated'], verb: 'get', path: '/healthz' },
    ];
    writeFileSync(join(cwd, 'requests.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const { document } = await json('can', '--requests', 'requests.jsonl');
    expect(document).toMatchObject({ kind: 'AccessAnswers' });
    expect(document['answers']).toEqual([true, false, true, false, true].map((allowed) => ({ allowed })));
  });

  test('a broken line, a missing file and half a question end with 2', async () => {
    writeFileSync(join(cwd, 'broken.jsonl'), '{"user":"a","verb":"get"}\n{"user":1}\n');
    const ran = async (...args: readonly string[]) => runCommand(['can', ...args, '-f', 'rbac.yaml'], { cwd });
    expect(await ran('--requests', 'broken.jsonl')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('broken.jsonl:2'),
    });
    expect(await ran('--requests', 'none.jsonl')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('SW_REQUESTS_UNREADABLE'),
    });
    expect(await ran('get', 'pods')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('SW_QUESTION_INCOMPLETE'),
    });
  });

  test('says it to a person, with a hint where the group is missing', async () => {
    const ran = await runCommand(['can', '--as', 'alice', 'get', 'deployments', '-n', 'shop', '-f', 'rbac.yaml'], {
      cwd,
    });
    expect(ran.stdout).toMatch(/^no: alice may not get deployments in namespace shop\n/);
    expect(ran.stderr).toContain('did you mean deployments.apps?');
  });
});

describe('who-can', () => {
  test('lists subjects as bound, always with system:masters', async () => {
    const { document } = await json('who-can', 'list', 'pods', '-n', 'shop');
    expect(document).toMatchObject({
      kind: 'AccessSubjects',
      subjects: [
        { kind: 'Group', name: 'system:masters' },
        { kind: 'ServiceAccount', namespace: 'shop', name: 'web', because: [{ rule: 1 }] },
        { kind: 'User', name: 'alice', because: [{ binding: { name: 'readers' } }] },
      ],
    });
  });

  test('names a person can pipe', async () => {
    const ran = await runCommand(['who-can', 'get', 'pods', '-n', 'shop', '-f', 'rbac.yaml', '-o', 'name'], { cwd });
    expect(ran.stdout).toBe('Group system:masters\nServiceAccount shop/web\nUser alice\n');
  });
});

describe('access', () => {
  test('list shows the rules of a subject, diff what changed, unused what no request needed', async () => {
    const list = await json('access', 'list', '--as', 'alice', '-n', 'shop');
    expect(list.document['rules']).toContainEqual(
      expect.objectContaining({ rule: 1, role: expect.objectContaining({ name: 'reader' }) }),
    );

    writeFileSync(join(cwd, 'old.yaml'), MANIFESTS.replace('[get, list]', '[get]'));
    await runCommand(['snapshot', 'save', '-f', 'old.yaml', '-o', 'old.snapshot'], { cwd });
    for (const before of ['old.yaml', 'old.snapshot']) {
      const diff = await json('access', 'diff', '--against', before);
      expect(diff.document['changes']).toMatchObject([
        { change: 'added', subject: { name: 'web' }, right: 'list pods', namespace: 'shop' },
        { change: 'added', subject: { name: 'alice' }, right: 'list pods', namespace: 'shop' },
      ]);
    }

    const event = {
      kind: 'Event',
      user: { username: 'alice' },
      verb: 'get',
      objectRef: { resource: 'pods', namespace: 'shop', name: 'w' },
    };
    writeFileSync(join(cwd, 'audit.jsonl'), `${JSON.stringify(event)}\n`);
    const unused = await json('access', 'unused', '--audit', 'audit.jsonl');
    expect(unused.document).toMatchObject({ requests: 1, unused: [{ rule: 0, role: { name: 'reader' } }] });
  });
});
