import { at, record, records, text, type JsonRecord } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import type { Outcome } from '../model/outcome.ts';
import { outcomeOf, type Answer, type Api } from './api-call.ts';
import { collectionPath, query } from './paths.ts';
import type { ApiResource, ListOptions } from './types.ts';

const PAGE_SIZE = 500;
const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
/** How often a list may expire under our hands before we give up on it. */
const MAX_RESTARTS = 5;

/** A page of a list as read. */
export interface Page {
  readonly objects: readonly KubernetesObject[];
  /** Version of the collection this page is a part of. */
  readonly resourceVersion: string;
}

/**
 * Pages of a collection. A refusal ends the iteration. When the list expires on the server while we read it (410)
 * it goes on where the server says, or starts again; no object is given twice.
 */
export async function* listPages(
  api: Api,
  resource: ApiResource,
  options: ListOptions = {},
): AsyncGenerator<Outcome<Page>> {
  const given = new Set<string>();
  let token: string | undefined;
  for (let restarts = 0; ;) {
    const answer = await getPage(api, resource, options, token);
    if (answer.status === 410 && token !== undefined && restarts < MAX_RESTARTS) {
      restarts++;
      token = text(at(answer.body, 'metadata', 'continue')) || undefined;
      continue;
    }
    const outcome = outcomeOf(answer, (body) => readPage(body, resource, options));
    if (outcome.kind !== 'ok') {
      yield outcome;
      return;
    }
    const { objects, resourceVersion } = outcome.value;
    const fresh = objects.filter(({ metadata }) => {
      const id = `${metadata.namespace ?? ''}/${metadata.name}`;
      return given.has(id) ? false : Boolean(given.add(id));
    });
    yield { kind: 'ok', value: { objects: fresh, resourceVersion } };
    token = text(at(answer.body, 'metadata', 'continue')) || undefined;
    if (token === undefined) return;
  }
}

function getPage(api: Api, resource: ApiResource, options: ListOptions, token: string | undefined): Promise<Answer> {
  const { namespace, labelSelector, fieldSelector, pageSize = PAGE_SIZE, metadataOnly, signal } = options;
  const parameters = { limit: pageSize, continue: token, labelSelector, fieldSelector };
  return api.call({
    method: 'GET',
    path: collectionPath(resource, namespace) + query(parameters),
    ...(metadataOnly === true ? { headers: { accept: METADATA_ONLY } } : {}),
    ...(signal ? { signal } : {}),
  });
}

function readPage(body: JsonRecord, resource: ApiResource, { metadataOnly }: ListOptions): Page {
  return {
    objects: records(body['items']).map(([, item]) => asObject(item, resource, metadataOnly === true)),
    resourceVersion: text(at(body, 'metadata', 'resourceVersion')) ?? '',
  };
}

/**
 * An entry of a list as an object: lists leave out what every entry is. Who wrote which field last
 * (`managedFields`) is half of many objects and of no use to any analysis.
 */
export function asObject(
  item: JsonRecord,
  { group, version, kind }: ApiResource,
  metadataOnly = false,
): KubernetesObject {
  const apiVersion = group === '' ? version : `${group}/${version}`;
  const metadata = record(item['metadata']) as Record<string, unknown>;
  delete metadata['managedFields'];
  if (metadataOnly || item['kind'] === undefined)
    return { ...item, apiVersion, kind, metadata } as unknown as KubernetesObject;
  return item as unknown as KubernetesObject;
}
