import { at, list, record, records, strings, text } from '../model/json.ts';
import type { Api } from './api-call.ts';
import type { ApiResource } from './types.ts';

/** Every kind in every version served; the preferred version of a group comes first. */
export interface Discovered {
  readonly all: readonly ApiResource[];
  /** Groups (`metrics.k8s.io/v1beta1`) that could not be asked; `*` when the server refused to say what it serves. */
  readonly failed: readonly string[];
}

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';

/** Asks what the server serves: two requests where discovery is aggregated (Kubernetes 1.27), one a group before. */
export async function discoverResources(api: Api, signal?: AbortSignal): Promise<Discovered> {
  const [core, groups] = await Promise.all(['/api', '/apis'].map((path) => get(api, path, AGGREGATED, signal)));
  const found: Discovered[] = [];
  for (const answer of [core, groups]) {
    if (answer === undefined) {
      found.push({ all: [], failed: ['*'] });
      continue;
    }
    found.push(
      text(at(answer, 'kind')) === 'APIGroupDiscoveryList'
        ? fromAggregated(answer)
        : await fromGroups(api, answer, signal),
    );
  }
  return { all: found.flatMap(({ all }) => all), failed: found.flatMap(({ failed }) => failed) };
}

async function get(api: Api, path: string, accept: string, signal?: AbortSignal): Promise<unknown> {
  const answer = await api.call({ method: 'GET', path, headers: { accept }, ...(signal ? { signal } : {}) });
  return answer.status === 200 ? answer.body : undefined;
}

function fromAggregated(body: unknown): Discovered {
  const all: ApiResource[] = [];
  const failed: string[] = [];
  for (const [, group] of records(at(body, 'items'))) {
    const name = text(at(group, 'metadata', 'name')) ?? '';
    for (const [, served] of records(group['versions'])) {
      const version = text(served['version']) ?? '';
      if (served['freshness'] === 'Stale') failed.push(name === '' ? version : `${name}/${version}`);
      for (const [, resource] of records(served['resources'])) {
        const kind = text(at(resource, 'responseKind', 'kind'));
        const plural = text(resource['resource']);
        if (kind === undefined || plural === undefined) continue;
        const namespaced = resource['scope'] === 'Namespaced';
        all.push({ group: name, version, kind, resource: plural, namespaced, verbs: strings(resource['verbs']) });
      }
    }
  }
  return { all, failed };
}

async function fromGroups(api: Api, answer: unknown, signal?: AbortSignal): Promise<Discovered> {
  const versions =
    text(at(answer, 'kind')) === 'APIVersions'
      ? strings(at(answer, 'versions')).map((version) => ({ group: '', version }))
      : records(at(answer, 'groups')).flatMap(([, group]) => versionsOf(group));
  const all: ApiResource[] = [];
  const failed: string[] = [];
  await Promise.all(
    versions.map(async ({ group, version }) => {
      const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
      const served = await get(api, path, 'application/json', signal);
      if (served === undefined) failed.push(group === '' ? version : `${group}/${version}`);
      for (const entry of list(at(served, 'resources'))) {
        const { name, kind, namespaced, verbs } = record(entry);
        const resource = text(name);
        if (resource === undefined || resource.includes('/')) continue;
        const found = { group, version, kind: text(kind) ?? '', resource, namespaced: namespaced === true };
        all.push({ ...found, verbs: strings(verbs) });
      }
    }),
  );
  const order = new Map(versions.map(({ group, version }, index) => [`${group}/${version}`, index]));
  const position = ({ group, version }: ApiResource): number => order.get(`${group}/${version}`) ?? 0;
  return { all: all.sort((a, b) => position(a) - position(b)), failed };
}

function versionsOf(group: Readonly<Record<string, unknown>>): readonly { group: string; version: string }[] {
  const preferred = text(at(group, 'preferredVersion', 'version'));
  const all = records(group['versions']).map(([, { version }]) => text(version) ?? '');
  const ordered = [...all].sort((a, b) => Number(b === preferred) - Number(a === preferred));
  return ordered.map((version) => ({ group: text(group['name']) ?? '', version }));
}

/** Of each kind the version the server prefers. */
export function preferred(all: readonly ApiResource[]): readonly ApiResource[] {
  const seen = new Set<string>();
  return all.filter(({ group, resource }) => {
    const id = `${resource}.${group}`;
    return seen.has(id) ? false : Boolean(seen.add(id));
  });
}
