import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { analyseAccess, covers, requesterOfSubject, ruleAllows } from '../../src/analysis/access/index.ts';
import { readRules } from '../../src/analysis/access/rules.ts';
import type { AccessRequest, BoundSubject, PolicyRule, Requester } from '../../src/analysis/access/types.ts';
import { withUnreadable } from '../../src/model/snapshot.ts';
import { snapshotOf } from '../../src/testing/rbac.ts';
import { rbacObjects, requesters, requests } from './arbitraries.ts';
import { slowlyAllowed } from './slow-evaluator.ts';

const words = { prefix: '', alsoInvalid: true };
const runs = { numRuns: 100 };
const many = fc.array(fc.tuple(requesters(words), requests(words)), { minLength: 20, maxLength: 20 });

test('the engine and the slow evaluator agree', () => {
  fc.assert(
    fc.property(rbacObjects(words, 3), many, (objects, questions) => {
      const access = analyseAccess(snapshotOf(objects));
      for (const [who, what] of questions) {
        expect({ who, what, allowed: access.decide(who, what).allowed }).toEqual({
          who,
          what,
          allowed: slowlyAllowed(objects, who, what),
        });
      }
    }),
    runs,
  );
});

test('who-can lists exactly the bound subjects that would be allowed alone', () => {
  fc.assert(
    fc.property(rbacObjects(words, 3), requests(words), (objects, what) => {
      const access = analyseAccess(snapshotOf(objects));
      const listed = access.whoCan(what).subjects.map(({ subject }) => subject);
      const bound = access.bindings.flatMap(({ subjects }) => subjects);
      const allowed = bound.filter((subject) => slowlyAllowed(objects, alone(subject), what));
      expect(new Set(listed.map(identity))).toEqual(new Set(['Group system:masters', ...allowed.map(identity)]));
    }),
    runs,
  );
});

test('the order of objects, and objects of no concern, change no answer', () => {
  fc.assert(
    fc.property(rbacObjects(words, 3), many, (objects, questions) => {
      const access = analyseAccess(snapshotOf(objects));
      const other = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'x', name: 'other' } };
      const turned = analyseAccess(snapshotOf([other, ...objects.toReversed()]));
      for (const [who, what] of questions) {
        expect(turned.decide(who, what).allowed).toBe(access.decide(who, what).allowed);
      }
    }),
    runs,
  );
});

const KINDS = ['Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding'].map(
  (kind) => `${kind}.rbac.authorization.k8s.io`,
);

test('a kind that could not be read only ever turns an answer into unknown, or leaves it', () => {
  fc.assert(
    fc.property(rbacObjects(words, 3), many, fc.subarray(KINDS, { minLength: 1 }), (objects, questions, hidden) => {
      const snapshot = snapshotOf(objects);
      const access = analyseAccess(snapshot);
      const partial = analyseAccess(withUnreadable(snapshot, hidden));
      for (const [who, what] of questions) {
        const before = access.decide(who, what).allowed;
        const after = partial.decide(who, what).allowed;
        expect([before, 'unknown']).toContain(after);
        expect(partial.decide(who, what).because.length).toBeGreaterThan(0);
      }
    }),
    runs,
  );
});

function alone(subject: BoundSubject): Requester {
  return { ...requesterOfSubject(subject), groups: subject.kind === 'Group' ? [subject.name] : [] };
}

/** A user and a service account of the same name are one requester: either entry speaks for both. */
function identity(subject: BoundSubject): string {
  return subject.kind === 'Group' ? `Group ${subject.name}` : alone(subject).user;
}

test('who covers rules is allowed whatever they allow', () => {
  fc.assert(
    fc.property(
      rbacObjects(words, 3),
      fc.array(requests(words), { minLength: 20, maxLength: 20 }),
      (objects, asked) => {
        const roles = objects.flatMap(({ kind, rules }) => (kind === 'Role' ? [readRules(rules)] : []));
        const broken = roles.flatMap((owned) =>
          roles
            .filter((needed) => covers(owned, needed))
            .flatMap((needed) => asked.filter((what) => allows(needed, what) && !allows(owned, what))),
        );
        expect(broken).toEqual([]);
      },
    ),
    runs,
  );
});

function allows(rules: readonly PolicyRule[], what: AccessRequest): boolean {
  return rules.some((rule) => ruleAllows(rule, what));
}
