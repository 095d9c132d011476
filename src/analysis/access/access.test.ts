import { describe, expect, test } from 'vitest';
import type { Gap } from '../../model/snapshot.ts';
import { analyseAccess, formatSubject, requesterOf } from './index.ts';
import { asks, binding, clusterBinding, clusterRole, role, snapshotOf } from '../../testing/rbac.ts';

const alice = requesterOf('alice');
const pods = { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] };
const toAlice = { kind: 'User', name: 'alice' };

function gap(kind: string, namespace?: string): Gap {
  const where = namespace === undefined ? {} : { namespace };
  return { kind, ...where, reason: 'forbidden', detail: `${kind} was not read`, remedy: 'Allow it.' };
}
const rbac = (kind: string): string => `${kind}.rbac.authorization.k8s.io`;

describe('decide', () => {
  test('a grant names the binding, the role and the rule', () => {
    const access = analyseAccess(
      snapshotOf([role('shop', 'reader', {}, pods), binding('shop', 'readers', 'Role/reader', toAlice)]),
    );
    const decision = access.decide(alice, asks('get', 'pods', { namespace: 'shop' }));
    expect(decision.allowed).toBe(true);
    expect(decision.grants).toMatchObject([
      { binding: { kind: 'RoleBinding', namespace: 'shop', name: 'readers' }, role: { name: 'reader' }, rule: 1 },
    ]);
    expect(decision.because[0]?.says).toBe(
      'RoleBinding shop/readers gives Role shop/reader, which has rules[1]: get, list on pods',
    );
  });

  test('system:masters is allowed whatever could not be read', () => {
    const access = analyseAccess(snapshotOf([], { gaps: [gap(rbac('ClusterRoleBinding'))] }));
    expect(access.decide(requesterOf('root', ['system:masters']), asks('delete', 'nodes')).allowed).toBe(true);
  });

  test('what was not read and could have granted makes the answer unknown, and names it', () => {
    const request = asks('get', 'pods', { namespace: 'shop' });
    const decide = (...gaps: readonly Gap[]): unknown =>
      analyseAccess(
        snapshotOf(
          [binding('shop', 'b', 'Role/gone', toAlice), clusterBinding('c', 'away', { kind: 'User', name: 'bob' })],
          { gaps },
        ),
      ).decide(alice, request).allowed;
    expect(decide()).toBe(false);
    expect(decide(gap(rbac('ClusterRoleBinding')))).toBe('unknown');
    expect(decide(gap(rbac('RoleBinding'), 'shop'))).toBe('unknown');
    expect(decide(gap(rbac('RoleBinding'), 'other'))).toBe(false);
    expect(decide(gap(rbac('Role')))).toBe('unknown');
    expect(decide(gap(rbac('ClusterRole')))).toBe(false);
    expect(decide(gap('*'))).toBe('unknown');
  });

  test('a RoleBinding that was not read is no matter for requests outside namespaces', () => {
    const access = analyseAccess(snapshotOf([], { gaps: [gap(rbac('RoleBinding'))] }));
    expect(access.decide(alice, asks('get', 'nodes')).allowed).toBe(false);
    expect(access.decide(alice, { kind: 'nonResource', verb: 'get', path: '/metrics' }).allowed).toBe(false);
  });
});

describe('who can', () => {
  test('lists subjects as bound, service accounts with the namespace they get', () => {
    const access = analyseAccess(
      snapshotOf([
        clusterRole('reader', pods),
        clusterBinding('c', 'reader', { kind: 'Group', name: 'dev' }, { kind: 'ServiceAccount', name: 'nobody' }),
        binding('shop', 'b', 'ClusterRole/reader', toAlice, { kind: 'ServiceAccount', name: 'web' }),
      ]),
    );
    const names = (namespace: string): readonly string[] =>
      access.whoCan(asks('get', 'pods', { namespace })).subjects.map(({ subject }) => formatSubject(subject));
    expect(names('shop')).toEqual(['Group dev', 'Group system:masters', 'ServiceAccount shop/web', 'User alice']);
    expect(names('')).toEqual(['Group dev', 'Group system:masters']);
    expect(access.findings.map(({ code }) => code)).toEqual(['SW_SUBJECT_MATCHES_NOBODY']);
  });

  test('subjects bound to a role that was not read are uncertain', () => {
    const access = analyseAccess(
      snapshotOf([clusterBinding('c', 'away', toAlice)], { gaps: [gap(rbac('ClusterRole'))] }),
    );
    const answer = access.whoCan(asks('get', 'pods'));
    expect(answer.uncertain).toEqual([toAlice]);
    expect(answer.gaps).toHaveLength(1);
  });
});

describe('defaults of manifests', () => {
  test('well-known roles resolve, and the notes say so', () => {
    const access = analyseAccess(snapshotOf([binding('shop', 'b', 'ClusterRole/view', toAlice)], { source: 'files' }));
    expect(access.decide(alice, asks('list', 'pods', { namespace: 'shop' })).allowed).toBe(true);
    expect(access.decide(alice, asks('list', 'secrets', { namespace: 'shop' })).allowed).toBe(false);
    expect(access.decide(alice, { kind: 'nonResource', verb: 'get', path: '/version' }).allowed).toBe(true);
    expect(access.notes).toHaveLength(1);
    const { subjects, builtIn } = access.whoCan(asks('list', 'pods', { namespace: 'shop' }));
    expect(subjects.map(({ subject }) => subject.name)).toEqual(['system:masters', 'alice']);
    expect(builtIn.map(({ subject }) => subject.name)).toContain('system:kube-scheduler');
  });

  test('a role of the manifests feeds the default view through its label', () => {
    const widgets = clusterRole('widgets', { apiGroups: ['example.com'], resources: ['widgets'], verbs: ['get'] });
    const labels = { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' };
    const access = analyseAccess(
      snapshotOf(
        [{ ...widgets, metadata: { name: 'widgets', labels } }, binding('shop', 'b', 'ClusterRole/edit', toAlice)],
        { source: 'files' },
      ),
    );
    const decision = access.decide(alice, asks('get', 'widgets', { group: 'example.com', namespace: 'shop' }));
    expect(decision.grants).toMatchObject([{ role: { name: 'edit' }, rule: 0, aggregatedFrom: { name: 'widgets' } }]);
  });

  test('with ClusterRoles unreadable nothing stands in for them', () => {
    const access = analyseAccess(
      snapshotOf([clusterBinding('b', 'cluster-admin', toAlice)], {
        source: 'files',
        gaps: [gap(rbac('ClusterRole'))],
      }),
    );
    expect(access.decide(alice, asks('get', 'pods')).allowed).toBe('unknown');
  });
});
