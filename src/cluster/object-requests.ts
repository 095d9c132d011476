import type { JsonRecord } from '../model/json.ts';
import type { KubernetesObject, ObjectRef } from '../model/object.ts';
import type { Outcome } from '../model/outcome.ts';
import { outcomeOf, type Api } from './api-call.ts';
import { collectionPath, objectPath, query } from './paths.ts';
import type { ServedKinds } from './served-kinds.ts';

/** What a request about one object may carry. */
interface RequestOptions {
  readonly body?: unknown;
  readonly contentType?: string;
  readonly subresource?: string;
  /** Sent to the collection the object is in, not to the object itself. */
  readonly collection?: boolean;
  readonly parameters?: Readonly<Record<string, string | boolean | undefined>>;
  readonly signal?: AbortSignal | undefined;
  readonly patience?: 'none';
}

/** Sends one request about an object; `missing` where its kind is not served. */
export type Send = <T>(
  method: string,
  ref: ObjectRef,
  read: (body: JsonRecord) => T,
  options?: RequestOptions,
) => Promise<Outcome<T>>;

/** Objects of namespaced kinds that name no namespace are in the one given. */
export function createSend(api: Api, kinds: ServedKinds, defaultNamespace: string): Send {
  return async (method, ref, read, options = {}) => {
    const resource = await kinds.resourceOf(ref.apiVersion, ref.kind);
    if (!resource) return { kind: 'missing', because: `the API server serves no ${ref.kind} of ${ref.apiVersion}` };
    const namespace = resource.namespaced ? (ref.namespace ?? defaultNamespace) : undefined;
    const { body, contentType, subresource, collection, parameters = {}, signal, patience } = options;
    const path =
      collection === true
        ? collectionPath(resource, namespace)
        : objectPath(resource, namespace, ref.name, subresource);
    const answer = await api.call({
      method,
      path: path + query(parameters),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(contentType === undefined ? {} : { headers: { 'content-type': contentType } }),
      ...(signal ? { signal } : {}),
      ...(patience ? { patience } : {}),
    });
    return outcomeOf(answer, read);
  };
}

/** The body of an answer as the object it is: raw, nothing of it dropped. */
export function asObject(body: JsonRecord): KubernetesObject {
  return body as unknown as KubernetesObject;
}
