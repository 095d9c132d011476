import { kindKey, type KubernetesObject } from '../../../model/object.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import type { OneChange } from './one-change.ts';

/** The same snapshot with objects in place of others. Linear in the objects of their kinds alone. */
export function overlay(base: Snapshot, changes: readonly OneChange[]): Snapshot {
  const edits = changes.flatMap(({ before, after }) => {
    const object = after ?? before;
    return object ? [{ kind: kindOf(object), id: nameOf(object), resource: after && { object: after } }] : [];
  });
  const byKind = new Map(
    [...Map.groupBy(edits, ({ kind }) => kind)].map(([kind, own]) => [
      kind,
      new Map(own.map(({ id, resource }) => [id, resource])),
    ]),
  );
  const names = new Set(changes.map(({ before, after }) => (after ?? before)?.metadata.name ?? ''));
  const lists = new Map(
    [...byKind].map(([kind, own]) => [
      kind,
      [
        ...base.list(kind).filter(({ object }) => !names.has(object.metadata.name) || !own.has(nameOf(object))),
        ...[...own.values()].filter((resource) => resource !== undefined),
      ],
    ]),
  );
  const kinds = [...new Set([...base.kinds(), ...lists.keys()])].sort();
  return {
    ...base,
    kinds: () => kinds,
    list: (kind) => lists.get(kind) ?? base.list(kind),
    get(kind, namespace, name) {
      const own = byKind.get(kind);
      const id = `${namespace ?? ''}/${name}`;
      return own?.has(id) ? own.get(id) : base.get(kind, namespace, name);
    },
  };
}

export function kindOf({ apiVersion, kind }: KubernetesObject): string {
  return kindKey(apiVersion, kind);
}

function nameOf({ metadata }: KubernetesObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}
