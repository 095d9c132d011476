import type { Snapshot } from '../../../model/snapshot.ts';
import type { BoundSubject } from '../../access/types.ts';
import type { AccessFacts } from '../facts/access-facts.ts';
import type { PodIndex } from './pod-index.ts';
import { once } from './once.ts';

export interface AccountName {
  readonly namespace: string;
  readonly name: string;
}

/** Service accounts, by namespace. */
export interface AccountIndex {
  /** Every namespace that is given, or that an object is in; sorted. */
  namespaces(): readonly string[];
  /** Those given, those pods use or bindings name, and `default`. */
  in(namespace: string): readonly AccountName[];
}

const IN_NAMESPACES = ['Secret', 'RoleBinding.rbac.authorization.k8s.io', 'Role.rbac.authorization.k8s.io', 'Service'];

export function accountIndex(
  snapshot: Snapshot,
  pods: PodIndex,
  subjects: () => readonly BoundSubject[],
): AccountIndex {
  const byNamespace = once(() => {
    const found = new Map<string, Map<string, AccountName>>();
    const add = (namespace: string, name: string): void => {
      let here = found.get(namespace);
      if (!here) found.set(namespace, (here = new Map([['default', { namespace, name: 'default' }]])));
      if (!here.has(name)) here.set(name, { namespace, name });
    };
    for (const { object } of snapshot.list('Namespace')) add(object.metadata.name, 'default');
    for (const { object } of snapshot.list('ServiceAccount'))
      add(object.metadata.namespace ?? 'default', object.metadata.name);
    // Every namespace has its account `default`, whatever else it is known by.
    for (const kind of IN_NAMESPACES)
      for (const { object } of snapshot.list(kind)) add(object.metadata.namespace ?? 'default', 'default');
    for (const unit of pods.all()) add(unit.namespace, unit.serviceAccount);
    for (const { kind, namespace, name } of subjects())
      if (kind === 'ServiceAccount' && namespace !== undefined) add(namespace, name);
    return found;
  });
  const namespaces = once(() => [...byNamespace().keys()].sort());
  return { namespaces, in: (namespace) => [...(byNamespace().get(namespace)?.values() ?? [])] };
}

/** The accounts once one of a namespace that is there anyhow has come, gone or is another. */
export function accountsAfter(
  before: AccountIndex,
  changed: string,
  { snapshot, pods, grants }: { readonly snapshot: Snapshot; readonly pods: PodIndex; readonly grants: AccessFacts },
): AccountIndex {
  const here = once(() => {
    const given = snapshot
      .list('ServiceAccount')
      .flatMap(({ object: { metadata } }) => ((metadata.namespace ?? 'default') === changed ? [metadata.name] : []));
    const bound = grants.subjects.flatMap(({ kind, namespace, name }) =>
      kind === 'ServiceAccount' && namespace === changed ? [name] : [],
    );
    const used = pods.in(changed).map(({ serviceAccount }) => serviceAccount);
    return [...new Set(['default', ...given, ...used, ...bound])].map((name) => ({ namespace: changed, name }));
  });
  return { namespaces: before.namespaces, in: (namespace) => (namespace === changed ? here() : before.in(namespace)) };
}
