import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Authorizer } from '../authz/authorizer.ts';
import { refusal } from '../authz/request.ts';
import type { UserInfo } from '../core.ts';
import { badRequest, unauthorized } from '../http/status.ts';
import type { ServiceAccountTokens } from './service-account-tokens.ts';

/** A token that stands for a user as long as the lab runs: the administrator's, the nodes'. */
export interface StaticToken {
  readonly token: string;
  readonly user: string;
  readonly groups: readonly string[];
}

export const ANONYMOUS: UserInfo = { user: 'system:anonymous', groups: ['system:unauthenticated'], extra: {} };

/** Who sends a request; 401 for a token that is nobody's, anonymous without one. */
export function authenticate(
  headers: IncomingHttpHeaders,
  tokens: readonly StaticToken[],
  accounts: ServiceAccountTokens,
): UserInfo {
  const token = bearerToken(headers);
  if (token === undefined) return ANONYMOUS;
  const known = tokens.find((candidate) => same(candidate.token, token));
  if (known) return { user: known.user, groups: withAuthenticated(known.groups), extra: {} };
  const account = accounts.authenticate(token);
  if (!account) throw unauthorized();
  return account;
}

/** From the Authorization header, or from the websocket protocol browsers have to use instead. */
function bearerToken(headers: IncomingHttpHeaders): string | undefined {
  const found = /^Bearer +(.+)$/i.exec(headers.authorization ?? '');
  if (found?.[1]) return found[1].trim();
  const protocol = /base64url\.bearer\.authorization\.k8s\.io\.([^,\s]+)/.exec(headers['sec-websocket-protocol'] ?? '');
  return protocol?.[1] === undefined ? undefined : Buffer.from(protocol[1], 'base64url').toString();
}

/** Compared by digest, so that the time taken says nothing of the token. */
function same(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

function withAuthenticated(groups: readonly string[]): readonly string[] {
  return groups.includes('system:authenticated') ? groups : [...groups, 'system:authenticated'];
}

const EXTRA = 'impersonate-extra-';

/** The user named by Impersonate-* headers, when the requester may be that user; else the requester. */
export function impersonate(headers: IncomingHttpHeaders, requester: UserInfo, authorizer: Authorizer): UserInfo {
  const user = first(headers['impersonate-user']);
  const groups = all(headers['impersonate-group']);
  const uid = first(headers['impersonate-uid']);
  const extraNames = Object.keys(headers).filter((name) => name.startsWith(EXTRA));
  if (user === undefined || user === '') {
    if (groups.length > 0 || uid !== undefined || extraNames.length > 0) {
      throw badRequest('requested impersonation of groups, uid or extra without impersonating a user');
    }
    return requester;
  }
  const extra = Object.fromEntries(
    extraNames.map((name) => [decodeURIComponent(name.slice(EXTRA.length)), all(headers[name])]),
  );
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user);
  const may = (resource: string, name: string, namespace = '', subresource = '', group = ''): void => {
    const request = { kind: 'resource', verb: 'impersonate', group, resource, subresource, name, namespace } as const;
    if (!authorizer.decide(requester, request).allowed) throw refusal(requester, request);
  };
  const authentication = 'authentication.k8s.io';
  if (account) may('serviceaccounts', account[2] ?? '', account[1]);
  else may('users', user);
  for (const group of groups) may('groups', group);
  if (uid !== undefined) may('uids', uid, '', '', authentication);
  for (const [key, values] of Object.entries(extra)) {
    for (const value of values) may('userextras', value, '', key, authentication);
  }
  return { user, ...(uid === undefined ? {} : { uid }), groups: impersonatedGroups(user, groups, account?.[1]), extra };
}

function impersonatedGroups(user: string, groups: readonly string[], namespace: string | undefined): readonly string[] {
  const own =
    groups.length > 0 || namespace === undefined
      ? groups
      : ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
  if (user === ANONYMOUS.user) return own.includes('system:unauthenticated') ? own : [...own, 'system:unauthenticated'];
  return withAuthenticated(own);
}

function first(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}

/** Node joins repeated headers with a comma; group names hold none. */
function all(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? value.split(',').map((part) => part.trim()) : value;
}
