import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { analyseAccess, unusedGrants } from '../../analysis/access/index.ts';
import { clusterBinding, clusterRole, snapshotOf } from '../../testing/rbac.ts';
import { readAuditLog } from './audit-log.ts';

const RBAC = 'rbac.authorization.k8s.io';

/** Names of the rules of one role, each with a verb of its own, that a log leaves unused. */
async function unusedAfter(events: readonly unknown[]): Promise<readonly string[]> {
  const rule = (verb: string, resource: string, group = '', names: string[] = []) => ({
    verbs: [verb],
    apiGroups: [group],
    resources: [resource],
    resourceNames: names,
  });
  const snapshot = snapshotOf([
    clusterRole(
      'r',
      rule('delete', 'pods'),
      rule('impersonate', 'users', '', ['boss']),
      rule('impersonate', 'groups', '', ['ops']),
      rule('impersonate', 'serviceaccounts'),
      rule('create', 'rolebindings', RBAC),
      rule('bind', 'clusterroles', RBAC, ['view']),
      rule('bind', 'clusterroles', RBAC, ['admin']),
      rule('escalate', 'roles', RBAC),
      rule('approve', 'signers', 'certificates.k8s.io', ['example.com/*']),
    ),
    clusterBinding('r', 'r', { kind: 'User', name: 'u' }),
  ]);
  const lines = events.map((event) => JSON.stringify(event)).join('\n');
  const { used } = await readAuditLog('-', { cwd: '.', stdin: Readable.from([lines]) });
  const unused = unusedGrants(analyseAccess(snapshot), used);
  return unused.flatMap(({ grant, policy }) =>
    grant.role.name === 'r' ? [[policy.verbs[0], policy.resources[0], ...policy.resourceNames].join(' ')] : [],
  );
}

const event = (more: object) => ({ kind: 'Event', auditID: 'a', user: { username: 'u' }, ...more });
const deletion = { verb: 'delete', objectRef: { resource: 'pods', namespace: 'x', name: 'p' } };

test('a request that was refused at a later stage used no right, whatever stages the log has', async () => {
  const received = event({ ...deletion, stage: 'RequestReceived' });
  const complete = (decision: string) =>
    event({ ...deletion, stage: 'ResponseComplete', annotations: { 'authorization.k8s.io/decision': decision } });
  expect(await unusedAfter([received, complete('forbid')])).toContain('delete pods');
  expect(await unusedAfter([received, complete('allow')])).not.toContain('delete pods');
  expect(await unusedAfter([received])).not.toContain('delete pods');
});

test('who acts as another uses the right to: for the user and the groups that were named', async () => {
  const as = (username: string, groups: string[]) =>
    unusedAfter([event({ ...deletion, impersonatedUser: { username, groups } })]);
  const boss = await as('boss', ['system:authenticated']);
  expect(boss).not.toContain('impersonate users boss');
  expect(boss).toContain('impersonate groups ops');
  // The rights of whom they act as are used, not their own.
  expect(boss).toContain('delete pods');
  expect(await as('boss', ['ops', 'system:authenticated'])).not.toContain('impersonate groups ops');
  const account = await as('system:serviceaccount:x:web', ['system:serviceaccounts', 'system:serviceaccounts:x']);
  expect(account).not.toContain('impersonate serviceaccounts');
  expect(account).toContain('impersonate users boss');
});

test('who hands out rights uses those that were asked about on the way', async () => {
  const write = (verb: string, apiGroup: string, resource: string, more: object) =>
    unusedAfter([event({ verb, objectRef: { apiGroup, resource, namespace: 'x', name: 'n', ...more }, ...more })]);
  const binding = await write('create', RBAC, 'rolebindings', {
    requestObject: { roleRef: { kind: 'ClusterRole', name: 'view' } },
  });
  expect(binding).not.toContain('bind clusterroles view');
  expect(binding).toContain('bind clusterroles admin');
  expect(await write('update', RBAC, 'roles', {})).not.toContain('escalate roles');
  const approval = await write('update', 'certificates.k8s.io', 'certificatesigningrequests', {
    subresource: 'approval',
    requestObject: { spec: { signerName: 'example.com/own' } },
  });
  expect(approval).not.toContain('approve signers example.com/*');
});

test('batches as a webhook gets them, and lines that are none', async () => {
  const { kind: _kind, ...item } = event(deletion);
  expect(await unusedAfter([{ kind: 'EventList', items: [item] }])).not.toContain('delete pods');
  const log = await readAuditLog('-', { cwd: '.', stdin: Readable.from(['{"kind":"Other"}\nnonsense\n']) });
  expect(log).toMatchObject({ requests: 0, skipped: 2 });
});
