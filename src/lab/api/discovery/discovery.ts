import { apiVersionOf, type ApiKind } from '../kinds.ts';
import type { Registry } from '../registry.ts';
import type { JsonRecord } from '../../../model/json.ts';

/** What is served, in the unaggregated form (one document per group version) and the aggregated one. */

/** `/api` */
export function apiVersions(): JsonRecord {
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
}

/** `/apis` */
export function groupList(registry: Registry): JsonRecord {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groupNames(registry).map((name) => group(registry, name)) };
}

/** `/apis/GROUP`; undefined when nothing is served there. */
export function groupDocument(registry: Registry, name: string): JsonRecord | undefined {
  if (!groupNames(registry).includes(name)) return undefined;
  return { kind: 'APIGroup', apiVersion: 'v1', ...group(registry, name) };
}

function group(registry: Registry, name: string): JsonRecord {
  const versions = versionsOf(registry, name).map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions, preferredVersion: versions[0] };
}

function groupNames(registry: Registry): readonly string[] {
  return [...new Set(registry.kinds().map(({ group }) => group))].filter((name) => name !== '');
}

function versionsOf(registry: Registry, name: string): readonly string[] {
  return [...new Set(registry.kinds().flatMap((kind) => (kind.group === name ? [kind.version] : [])))];
}

/** `/api/v1`, `/apis/GROUP/VERSION`; undefined when nothing is served there. */
export function resourceList(registry: Registry, groupName: string, version: string): JsonRecord | undefined {
  const kinds = registry.kinds().filter((kind) => kind.group === groupName && kind.version === version);
  const [first] = kinds;
  if (!first) return undefined;
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf(first),
    resources: kinds.flatMap(rows),
  };
}

function rows(kind: ApiKind): readonly JsonRecord[] {
  const { resource, singular, namespaced, verbs, shortNames, categories } = kind;
  return [
    {
      name: resource,
      singularName: singular,
      namespaced,
      kind: kind.kind,
      verbs,
      ...(shortNames.length > 0 ? { shortNames } : {}),
      ...(categories.length > 0 ? { categories } : {}),
    },
    ...kind.subresources.map((sub) => ({
      name: `${resource}/${sub.name}`,
      singularName: '',
      namespaced,
      ...(sub.kind ? groupAndVersion(sub.kind[0]) : {}),
      kind: sub.kind?.[1] ?? kind.kind,
      verbs: sub.verbs,
    })),
  ];
}

function groupAndVersion(apiVersion: string): { readonly group: string; readonly version: string } {
  const [version = '', name = ''] = apiVersion.split('/').reverse();
  return { group: name, version };
}

/** `/api` and `/apis` as `APIGroupDiscoveryList`: everything in one answer, which kubectl asks for first. */
export function aggregatedDiscovery(registry: Registry, core: boolean): JsonRecord {
  const names = core ? [''] : groupNames(registry);
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: names.map((name) => ({
      metadata: name === '' ? { creationTimestamp: null } : { name, creationTimestamp: null },
      versions: versionsOf(registry, name).map((version) => ({
        version,
        resources: registry
          .kinds()
          .filter((kind) => kind.group === name && kind.version === version)
          .map(aggregatedRow),
        freshness: 'Current',
      })),
    })),
  };
}

function aggregatedRow(kind: ApiKind): JsonRecord {
  const responseKind = { group: kind.group, version: kind.version, kind: kind.kind };
  return {
    resource: kind.resource,
    responseKind,
    scope: kind.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: kind.singular,
    verbs: kind.verbs,
    ...(kind.shortNames.length > 0 ? { shortNames: kind.shortNames } : {}),
    ...(kind.categories.length > 0 ? { categories: kind.categories } : {}),
    ...(kind.subresources.length > 0
      ? {
          subresources: kind.subresources.map((sub) => ({
            subresource: sub.name,
            responseKind: sub.kind ? { ...groupAndVersion(sub.kind[0]), kind: sub.kind[1] } : responseKind,
            verbs: sub.verbs,
          })),
        }
      : {}),
  };
}

/** `/version` */
export const VERSION: JsonRecord = {
  major: '1',
  minor: '36',
  gitVersion: 'v1.36.0-seaworthy-lab',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: '',
  compiler: '',
  platform: 'linux',
};
