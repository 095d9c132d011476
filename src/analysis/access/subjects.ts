import type { BoundSubject, Requester } from './types.ts';

export const MASTERS = 'system:masters';
const AUTHENTICATED = 'system:authenticated';
const UNAUTHENTICATED = 'system:unauthenticated';
const ANONYMOUS = 'system:anonymous';
const ACCOUNT_PREFIX = 'system:serviceaccount:';

export interface ServiceAccountName {
  readonly namespace: string;
  readonly name: string;
}

/** The user name a service account has: `system:serviceaccount:shop:web`. */
export function serviceAccountUser({ namespace, name }: ServiceAccountName): string {
  return `${ACCOUNT_PREFIX}${namespace}:${name}`;
}

/** The service account a user name is, or undefined for other users. */
export function serviceAccountOf(user: string): ServiceAccountName | undefined {
  if (!user.startsWith(ACCOUNT_PREFIX)) return undefined;
  const [namespace, name, ...rest] = user.slice(ACCOUNT_PREFIX.length).split(':');
  return namespace && name && rest.length === 0 ? { namespace, name } : undefined;
}

/**
 * The requester as the API server would authenticate this user: `system:authenticated` (`system:unauthenticated` for
 * `system:anonymous`) and, for a service account, its two groups, besides the groups given.
 */
export function requesterOf(user: string, groups: readonly string[] = []): Requester {
  const account = serviceAccountOf(user);
  const implied = account
    ? ['system:serviceaccounts', `system:serviceaccounts:${account.namespace}`, AUTHENTICATED]
    : [user === ANONYMOUS ? UNAUTHENTICATED : AUTHENTICATED];
  return { user, groups: [...new Set([...groups, ...implied])] };
}

/** A requester who is this subject and nothing more: a group alone has no user name. */
export function requesterOfSubject(subject: BoundSubject): Requester {
  switch (subject.kind) {
    case 'User':
      return requesterOf(subject.name);
    case 'Group':
      return { user: '', groups: [subject.name] };
    case 'ServiceAccount':
      return requesterOf(serviceAccountUser({ namespace: subject.namespace ?? '', name: subject.name }));
  }
}

/** `User alice`, `ServiceAccount shop/web`, `Group system:masters`. */
export function formatSubject(subject: BoundSubject): string {
  return `${subject.kind} ${subject.namespace === undefined ? '' : `${subject.namespace}/`}${subject.name}`;
}

export function compareSubjects(a: BoundSubject, b: BoundSubject): number {
  return compare(a.kind, b.kind) || compare(a.namespace ?? '', b.namespace ?? '') || compare(a.name, b.name);
}

/** What the authorizer compares a requester with: one of its groups, or its user name, which a service account has too. */
export function subjectKey(subject: BoundSubject): string {
  switch (subject.kind) {
    case 'Group':
      return groupKey(subject.name);
    case 'User':
      return userKey(subject.name);
    case 'ServiceAccount':
      return userKey(serviceAccountUser({ namespace: subject.namespace ?? '', name: subject.name }));
  }
}

/** The keys of `subjectKey` that a requester answers to. */
export function requesterKeys(requester: Requester): readonly string[] {
  return [userKey(requester.user), ...new Set(requester.groups.map(groupKey))];
}

function userKey(user: string): string {
  return `u/${user}`;
}

function groupKey(group: string): string {
  return `g/${group}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
