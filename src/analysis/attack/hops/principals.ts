import { serviceAccountOf, serviceAccountUser } from '../../access/subjects.ts';
import type { BoundSubject, Requester } from '../../access/types.ts';
import { node, type AttackNode } from '../nodes.ts';

const GROUP = 'group:';
export const UNAUTHENTICATED = 'system:unauthenticated';
export const AUTHENTICATED = 'system:authenticated';

/** The Identity a service account's token makes its holder. */
export function identityOfAccount(namespace: string, name: string): AttackNode {
  return node('Identity', serviceAccountUser({ namespace, name }));
}

export function identityOfGroup(name: string): AttackNode {
  return node('Identity', `${GROUP}${name}`);
}

/** A subject of a binding as the node somebody holds who acts as it. */
export function identityOfSubject(subject: BoundSubject): AttackNode {
  switch (subject.kind) {
    case 'User':
      return node('Identity', subject.name);
    case 'Group':
      return identityOfGroup(subject.name);
    case 'ServiceAccount':
      return identityOfAccount(subject.namespace ?? '', subject.name);
  }
}

/** The group an Identity stands for; undefined for users and service accounts. */
export function groupOfIdentity({ kind, name }: AttackNode): string | undefined {
  return kind === 'Identity' && name?.startsWith(GROUP) === true ? name.slice(GROUP.length) : undefined;
}

/** What an identity itself is on the API, without the groups it is in; undefined for nodes that are nobody. */
export function subjectAt(at: AttackNode): Requester | undefined {
  const group = groupOfIdentity(at);
  if (group !== undefined) return { user: '', groups: [group] };
  if (at.name === undefined) return undefined;
  if (at.kind === 'NodeIdentity') return { user: `system:node:${at.name}`, groups: [] };
  return at.kind === 'Identity' ? { user: at.name, groups: [] } : undefined;
}

/** Whether an identity is a node, or all of them. */
export function isNode({ kind, name }: AttackNode): boolean {
  return kind === 'NodeIdentity' || (kind === 'Identity' && /^(system:node:|group:system:nodes$)/.test(name ?? ''));
}

/** The groups everybody who is this identity is in. */
export function groupsOf(at: AttackNode): readonly string[] {
  const group = groupOfIdentity(at);
  if (group !== undefined) return group === UNAUTHENTICATED || group === AUTHENTICATED ? [] : [AUTHENTICATED];
  if (at.kind === 'NodeIdentity') return ['system:nodes', AUTHENTICATED];
  if (at.kind !== 'Identity' || at.name === undefined) return [];
  if (at.name === 'system:anonymous') return [UNAUTHENTICATED];
  if (at.name.startsWith('system:node:')) return ['system:nodes', AUTHENTICATED];
  const account = serviceAccountOf(at.name);
  return account
    ? ['system:serviceaccounts', `system:serviceaccounts:${account.namespace}`, AUTHENTICATED]
    : [AUTHENTICATED];
}
