import { expect, test } from 'vitest';
import { asks, binding, clusterBinding, clusterRole, role, snapshotOf } from '../../testing/rbac.ts';
import { analyseAccess, diffAccess, requesterOf, unusedGrants } from './index.ts';

const alice = { kind: 'User', name: 'alice' };
const pods = { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] };
const secrets = { apiGroups: [''], resources: ['secrets'], verbs: ['get'] };

test('a diff names who gains and loses which right, where', () => {
  const before = analyseAccess(snapshotOf([role('shop', 'r', pods), binding('shop', 'b', 'Role/r', alice)]));
  const after = analyseAccess(
    snapshotOf([role('shop', 'r', { ...pods, verbs: ['get'] }, secrets), binding('shop', 'b', 'Role/r', alice)]),
  );
  const changes = diffAccess(before, after).map(({ change, subject, namespace, right }) => [
    change,
    subject.name,
    namespace,
    right,
  ]);
  expect(changes).toEqual([
    ['added', 'alice', 'shop', 'get secrets'],
    ['removed', 'alice', 'shop', 'list pods'],
  ]);
});

test('the same rights written otherwise are no change', () => {
  const one = [role('shop', 'r', pods), binding('shop', 'b', 'Role/r', alice)];
  const other = [
    clusterRole('x', { ...pods, verbs: ['get'] }, { ...pods, verbs: ['list'] }),
    binding('shop', 'other', 'ClusterRole/x', alice),
  ];
  expect(diffAccess(analyseAccess(snapshotOf(one)), analyseAccess(snapshotOf(other)))).toEqual([]);
});

test('a grant is used when a request of somebody it is bound to needed it', () => {
  const access = analyseAccess(
    snapshotOf([
      clusterRole('r', pods, secrets),
      clusterBinding('b', 'r', alice),
      clusterBinding('c', 'r', { kind: 'User', name: 'bob' }),
    ]),
  );
  const used = [{ requester: requesterOf('alice'), request: asks('get', 'pods', { namespace: 'shop', name: 'web' }) }];
  const unused = unusedGrants(access, used).map(({ grant }) => `${grant.binding.name} rules[${grant.rule}]`);
  expect(unused).toEqual(['b rules[1]', 'c rules[0]', 'c rules[1]']);
});
