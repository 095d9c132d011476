import { at, records, strings, text } from '../../model/json.ts';
import { kindKey, type KindKey, type KubernetesObject } from '../../model/object.ts';
import { apiVersionOf, KINDS, qualifiedResource, type ApiKind } from './kinds.ts';

/** The kinds served: the built-in ones, and those that CustomResourceDefinitions add. */
export interface Registry {
  kinds(): readonly ApiKind[];
  /** The kind at a path; undefined when nothing is served there. */
  find(group: string, version: string, resource: string): ApiKind | undefined;
  byKind(apiVersion: string, kind: string): ApiKind | undefined;
  /** Where objects of a kind are stored, whatever version they are asked for in. */
  byKey(key: KindKey): ApiKind | undefined;
  /** Serves what a CustomResourceDefinition defines, or serves its changed definition. */
  define(crd: KubernetesObject): void;
  undefine(crd: KubernetesObject): void;
}

/** Key of a kind in the store. */
export function storageKey(kind: ApiKind): string {
  return qualifiedResource(kind);
}

export function keyOf(kind: ApiKind): KindKey {
  return kindKey(apiVersionOf(kind), kind.kind);
}

export function createRegistry(): Registry {
  const custom = new Map<string, readonly ApiKind[]>();
  let served = new Map(KINDS.map((kind) => [pathOf(kind), kind]));

  function rebuild(): void {
    served = new Map([...KINDS, ...[...custom.values()].flat()].map((kind) => [pathOf(kind), kind]));
  }
  return {
    kinds: () => [...served.values()],
    find: (group, version, resource) => served.get(`${group}/${version}/${resource}`),
    byKind: (apiVersion, kind) =>
      [...served.values()].find((candidate) => candidate.kind === kind && apiVersionOf(candidate) === apiVersion),
    byKey: (key) => [...served.values()].find((candidate) => keyOf(candidate) === key),
    define(crd) {
      custom.set(crd.metadata.name, kindsOfCrd(crd));
      rebuild();
    },
    undefine(crd) {
      custom.delete(crd.metadata.name);
      rebuild();
    },
  };
}

function pathOf(kind: ApiKind): string {
  return `${kind.group}/${kind.version}/${kind.resource}`;
}

/** One kind for each served version of a definition. */
export function kindsOfCrd(crd: KubernetesObject): readonly ApiKind[] {
  const group = text(at(crd, 'spec', 'group')) ?? '';
  const names = at(crd, 'spec', 'names');
  const kind = text(at(names, 'kind')) ?? '';
  const resource = text(at(names, 'plural')) ?? '';
  return records(at(crd, 'spec', 'versions'))
    .filter(([, version]) => version['served'] === true)
    .map(([, version]) => ({
      group,
      version: text(version['name']) ?? '',
      kind,
      resource,
      singular: text(at(names, 'singular')) ?? kind.toLowerCase(),
      namespaced: at(crd, 'spec', 'scope') === 'Namespaced',
      shortNames: strings(at(names, 'shortNames')),
      categories: strings(at(names, 'categories')),
      verbs: ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'],
      subresources: at(version, 'subresources', 'status')
        ? [{ name: 'status', verbs: ['get', 'patch', 'update'] }]
        : [],
    }));
}
