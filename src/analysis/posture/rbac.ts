import { records, stringMap } from '../../model/json.ts';
import type { Resource } from '../../model/snapshot.ts';
import type { CompiledBinding, CompiledRole } from '../access/objects.ts';
import { ruleAllows } from '../access/rules.ts';
import { formatSubject } from '../access/subjects.ts';
import type { BoundSubject, PolicyRule } from '../access/types.ts';
import type { Place } from './examined.ts';

/** Whether Kubernetes made the object itself: it restores it at every start, so nobody decided on it. */
export function isDefaultObject(resource: Resource): boolean {
  return stringMap(resource.object.metadata.labels)['kubernetes.io/bootstrapping'] === 'rbac-defaults';
}

/** Components of the control plane, and the groups that stand for the administrators a cluster is installed with. */
export function isSystemSubject({ kind, name }: BoundSubject): boolean {
  if (kind === 'Group') return ['system:masters', 'kubeadm:cluster-admins', 'system:nodes'].includes(name);
  return (
    kind === 'User' &&
    name.startsWith('system:') &&
    !name.startsWith('system:serviceaccount:') &&
    name !== 'system:anonymous'
  );
}

/** A resource that a check asks about; `deployments` of `apps`, `pods/exec` of the core group. */
interface ResourceName {
  readonly group: string;
  readonly resource: string;
  /** Objects of it belong to no namespace, so only a ClusterRoleBinding grants it. */
  readonly clusterScoped?: boolean;
  /** Only what is granted in this namespace matters. */
  readonly namespace?: string;
  /** The one object that matters: a rule that names it grants as much as one for all. */
  readonly name?: string;
}

/**
 * The verbs a rule grants on every object of a resource, or on the one that matters. A rule for other named objects only
 * grants none: it is already as narrow as its author could make it.
 */
function verbsOn(
  rule: PolicyRule,
  { group, resource, name: wanted = '' }: ResourceName,
  verbs: readonly string[],
): readonly string[] {
  if (rule.resourceNames.length > 0 && !rule.resourceNames.includes(wanted)) return [];
  const [name = '', subresource = ''] = resource.split('/');
  return verbs.filter((verb) =>
    ruleAllows(rule, { kind: 'resource', verb, group, resource: name, subresource, name: wanted, namespace: '' }),
  );
}

/** A role that somebody holds, and through which bindings. */
export interface HeldRole {
  readonly role: CompiledRole;
  readonly bindings: readonly CompiledBinding[];
}

/** A rule of a role as a place in the file: the role it was written in, where an aggregated role took it from there. */
export function rulePlace({ role }: HeldRole, index: number): Place {
  return { resource: role.resource, path: ['rules', role.writtenIn?.[index]?.rule ?? index] };
}

/** `ServiceAccount shop/web and 2 more, everywhere`: who holds a role and where. */
export function heldBy({ bindings }: HeldRole): string {
  const subjects = [...new Set(bindings.flatMap((binding) => binding.subjects.map(formatSubject)))];
  const [first = 'nobody yet', ...more] = subjects;
  const who = more.length === 0 ? first : `${first} and ${more.length} more`;
  const namespaces = [...new Set(bindings.map((binding) => binding.namespace))].sort();
  if (namespaces.includes('')) return `${who}, in every namespace`;
  return `${who}, in ${namespaces.length === 1 ? 'namespace' : 'namespaces'} ${namespaces.join(', ')}`;
}

/** Whether some binding gives the role in the whole cluster. */
function isHeldEverywhere({ bindings }: HeldRole): boolean {
  return bindings.some((binding) => binding.namespace === '');
}

/** Whether some binding gives the role in a namespace, or in all of them. */
function isHeldIn({ bindings }: HeldRole, namespace: string): boolean {
  return bindings.some((binding) => binding.namespace === '' || binding.namespace === namespace);
}

/** The entry of `subjects` that was compiled to this subject. */
export function subjectPlace(binding: CompiledBinding, subject: BoundSubject): Place {
  const entries = records(binding.resource.object['subjects']);
  const [index] = entries.find(([, entry]) => entry['kind'] === subject.kind && entry['name'] === subject.name) ?? [0];
  return { resource: binding.resource, path: ['subjects', index] };
}

/** Verbs on a resource that a check looks for. */
export interface Wanted extends ResourceName {
  readonly verbs: readonly string[];
}

/**
 * The rules of a held role that grant any of what is wanted, each with one sentence part for all of it:
 * `get, list on secrets`. What is not in a namespace counts only where a ClusterRoleBinding gives it.
 */
export function grantsOn(
  held: HeldRole,
  wanted: readonly Wanted[],
): readonly { readonly may: string; readonly place: Place }[] {
  return held.role.rules.flatMap((rule, index) => {
    const granted = wanted.flatMap((one) => {
      if (one.clusterScoped === true && !isHeldEverywhere(held) && held.bindings.length > 0) return [];
      if (one.namespace !== undefined && !isHeldIn(held, one.namespace)) return [];
      const verbs = verbsOn(rule, one, one.verbs);
      const object = one.name === undefined ? one.resource : `${one.resource} (${one.namespace ?? ''}/${one.name})`;
      return verbs.length === 0 ? [] : [{ verbs: verbs.join(', '), resource: object }];
    });
    if (granted.length === 0) return [];
    const byVerbs = Map.groupBy(granted, ({ verbs }) => verbs);
    const parts = [...byVerbs].map(
      ([verbs, of]) => `${verbs} ${[...new Set(of.map(({ resource }) => resource))].join(', ')}`,
    );
    return [{ may: parts.join('; '), place: rulePlace(held, index) }];
  });
}
