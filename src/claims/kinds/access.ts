import { describeGrant, formatSubject, requesterOf, requesterOfSubject } from '../../analysis/access/index.ts';
import type { AccessRequest, BoundSubject, Requester } from '../../analysis/access/types.ts';
import type { Because } from '../../model/because.ts';
import type { ClaimOf } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { every, holds, unknown, vacuous, violated, type Judgement } from '../judgement.ts';
import { defineClaimKind } from '../kind.ts';
import { selectNamespaces } from '../select.ts';
import { describeNamespaces, joined } from '../words.ts';
import { AccessSchema, type AccessSpec, type SubjectSpec } from '../schema/access.ts';
import { resourceOf } from './api-resources.ts';

type AccessClaim = ClaimOf<'access'>;

/** Who may do what on the Kubernetes API, as its Node and RBAC authorizers decide. */
export const access = defineClaimKind<'access'>({
  id: 'access',
  title: 'Who may do what on the API',
  schema: AccessSchema,
  reads: [
    'Role.rbac.authorization.k8s.io',
    'RoleBinding.rbac.authorization.k8s.io',
    'ClusterRole.rbac.authorization.k8s.io',
    'ClusterRoleBinding.rbac.authorization.k8s.io',
  ],
  statement,
  judge,
  emptiness({ spec, namespace }, facts) {
    if (spec.namespaces === undefined) return [];
    const { found } = selectNamespaces(facts, spec.namespaces, namespace);
    return found.length === 0 ? vacuous('a namespace the claim means').because : [];
  },
});

function statement({ spec, namespace }: AccessClaim): string {
  const who = joined(
    spec.subjects.map((subject) => formatSubject(bound(subject, namespace))),
    3,
  );
  const { expect } = spec;
  if (
    expect === 'denied' &&
    spec.namespaces === undefined &&
    isEverything(spec.verbs) &&
    isEverything(spec.resources)
  ) {
    return `${who} ${spec.subjects.length === 1 ? 'is no cluster-admin' : 'are no cluster-admins'}.`;
  }
  const or = expect === 'denied' || spec.subjects.length === 0;
  const names = spec.names ? ` named ${joined(spec.names)}` : '';
  const where = describeNamespaces(spec.namespaces);
  const place = where === undefined ? ' of the whole cluster' : ` in ${where}`;
  const what = `${describeAction(spec, or)}${names}${place}`;
  if (expect === 'only') return `${who === '' ? 'Nobody' : `Only ${who}`} can ${what}.`;
  return `${who} ${expect === 'allowed' ? 'can' : 'cannot'} ${what}.`;
}

function describeAction({ verbs, resources }: AccessSpec, or: boolean): string {
  const isShell = resources.every((resource) => resource === 'pods/exec' || resource === 'pods/attach');
  if (isShell && verbs.every((verb) => verb === 'create' || verb === 'get')) return 'run commands in pods';
  const list = (words: readonly string[]): string =>
    or ? joined(words).replace(/ and ([^,]*)$/, ' or $1') : joined(words);
  return `${isEverything(verbs) ? 'do anything to' : list(verbs)} ${isEverything(resources) ? 'everything' : list(resources)}`;
}

function isEverything(words: readonly string[]): boolean {
  return words.length === 1 && words[0] === '*';
}

function judge(claim: AccessClaim, facts: Facts): Judgement {
  const { spec } = claim;
  const where = spec.namespaces === undefined ? undefined : selectNamespaces(facts, spec.namespaces, claim.namespace);
  const namespaces = where?.found ?? [''];
  if (namespaces.length === 0) return vacuous('a namespace the claim means', where?.open);
  const open = (where?.open ?? []).map((because) => unknown(because));
  const requests = requestsOf(spec, namespaces);
  const subjects = spec.subjects.map((subject) => bound(subject, claim.namespace));
  if (spec.expect === 'only') {
    const mayThemselves = subjects.flatMap((subject) =>
      requests.map((request) => decide(facts, subject, request, true)),
    );
    return every([...mayThemselves, ...requests.map((request) => nobodyElse(facts, subjects, request)), ...open]);
  }
  const expected = spec.expect === 'allowed';
  return every([
    ...subjects.flatMap((subject) => requests.map((request) => decide(facts, subject, request, expected))),
    ...open,
  ]);
}

function bound(subject: SubjectSpec, home: string | undefined): BoundSubject {
  if (subject.kind !== 'ServiceAccount') return { kind: subject.kind, name: subject.name };
  return { kind: subject.kind, name: subject.name, namespace: subject.namespace ?? home ?? 'default' };
}

/** A member of a group is logged in, so what holds for everybody who is logged in holds for it. */
function requesterFor(subject: BoundSubject): Requester {
  if (subject.kind !== 'Group' || subject.name === 'system:unauthenticated') return requesterOfSubject(subject);
  return requesterOf('', [subject.name]);
}

function decide(facts: Facts, subject: BoundSubject, request: AccessRequest, expected: boolean): Judgement {
  const { allowed, because } = facts.access.decide(requesterFor(subject), request);
  const says = `${formatSubject(subject)} ${allowed === true ? 'may' : 'may not'} ${describeRequest(request)}`;
  if (allowed === 'unknown') return unknown(...because);
  const reasons = because.map((reason) => ({ ...reason, says: `${says}: ${reason.says}` }));
  return allowed === expected ? holds(...reasons) : violated(...reasons);
}

/**
 * Anybody bound beside the subjects of the claim, except by the bindings that Kubernetes itself makes for its own
 * parts, and `system:masters`, which no binding is needed for and none can take away.
 */
function nobodyElse(facts: Facts, subjects: readonly BoundSubject[], request: AccessRequest): Judgement {
  const answer = facts.access.whoCan(request);
  const named = new Set(subjects.map(formatSubject));
  const others = answer.subjects.filter(
    ({ subject, grants }) =>
      !named.has(formatSubject(subject)) &&
      subject.name !== 'system:masters' &&
      !grants.every((grant) => isOwnPart(grant.binding.name)),
  );
  if (others.length > 0) {
    return violated(
      ...others.flatMap(({ subject, grants }) =>
        grants.slice(0, 1).map((grant): Because => ({
          kind: 'field',
          object: grant.binding,
          path: 'subjects',
          says: `${formatSubject(subject)} may ${describeRequest(request)} too: ${describeGrant(grant)}`,
        })),
      ),
    );
  }
  const perhaps = answer.uncertain.filter((subject) => !named.has(formatSubject(subject)));
  if (answer.unknown.length > 0 || perhaps.length > 0) return unknown(...answer.unknown);
  return holds({
    kind: 'absence',
    of: 'other grant',
    says: `no other binding lets anybody ${describeRequest(request)}`,
  });
}

/** Bindings an API server creates at its start and restores; a live cluster lists them among the others. */
function isOwnPart(binding: string): boolean {
  return binding.startsWith('system:') || binding === 'cluster-admin';
}

function requestsOf(spec: AccessSpec, namespaces: readonly string[]): readonly AccessRequest[] {
  return namespaces.flatMap((namespace) =>
    spec.resources.flatMap((written) => {
      const target = resourceOf(written);
      return spec.verbs.flatMap((verb) =>
        (spec.names ?? ['']).map((name): AccessRequest => ({ kind: 'resource', verb, ...target, name, namespace })),
      );
    }),
  );
}

function describeRequest(request: AccessRequest): string {
  if (request.kind === 'nonResource') return `${request.verb} ${request.path}`;
  const { verb, resource, group, subresource, name, namespace } = request;
  const what = `${resource}${group === '' ? '' : `.${group}`}${subresource === '' ? '' : `/${subresource}`}${name === '' ? '' : ` ${name}`}`;
  return `${verb} ${what}${namespace === '' ? ' in the whole cluster' : ` in ${namespace}`}`;
}
