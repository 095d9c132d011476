import { at, text } from '../model/json.ts';
import { kindKey, type KindKey, type KubernetesObject } from '../model/object.ts';
import { knownKind } from './known-kinds.ts';

/** Scopes of the custom resources a set of objects defines. */
export function scopesOf(objects: Iterable<KubernetesObject>): ReadonlyMap<KindKey, 'Namespaced' | 'Cluster'> {
  const scopes = new Map<KindKey, 'Namespaced' | 'Cluster'>();
  for (const object of objects) {
    if (object.kind !== 'CustomResourceDefinition') continue;
    const kind = text(at(object, 'spec', 'names', 'kind'));
    const group = text(at(object, 'spec', 'group'));
    const scope = text(at(object, 'spec', 'scope'));
    if (kind !== undefined && group !== undefined) {
      scopes.set(kindKey(`${group}/v1`, kind), scope === 'Cluster' ? 'Cluster' : 'Namespaced');
    }
  }
  return scopes;
}

/**
 * The object in the namespace the API server would file it under: a namespaced one without a namespace gets
 * `fallback`, a cluster-scoped one loses what it names. A custom resource of unknown scope stays as written.
 */
export function withNamespace(
  object: KubernetesObject,
  scopes: ReadonlyMap<KindKey, 'Namespaced' | 'Cluster'>,
  fallback: string,
): KubernetesObject {
  const key = kindKey(object.apiVersion, object.kind);
  const known = knownKind(key);
  const scope = scopes.get(key) ?? (known && (known.namespaced ? 'Namespaced' : 'Cluster'));
  const { namespace, ...rest } = object.metadata;
  const named = namespace !== undefined && namespace !== null && namespace !== '';
  if (scope === 'Namespaced' && !named) return { ...object, metadata: { ...rest, namespace: fallback } };
  if (namespace !== undefined && (scope === 'Cluster' || !named)) return { ...object, metadata: rest };
  return object;
}
