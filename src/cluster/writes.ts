import type { JsonRecord } from '../model/json.ts';
import type { KubernetesObject, ObjectRef } from '../model/object.ts';
import { asObject, type Send } from './object-requests.ts';
import type { ClusterClient, PatchType, WriteOptions } from './types.ts';

const PATCH_TYPES: Readonly<Record<PatchType, string>> = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml',
};

type Writes = Pick<ClusterClient, 'create' | 'apply' | 'replace' | 'patch' | 'delete' | 'evict'>;

/** Everything a client can change. */
export function writes(send: Send): Writes {
  return {
    create: (object, write = {}) =>
      send('POST', refOfWritten(object), asObject, { body: object, collection: true, ...writing(write) }),
    apply: (object, write = {}) =>
      send('PATCH', refOfWritten(object), asObject, {
        body: withoutManagedFields(object),
        contentType: PATCH_TYPES.apply,
        ...writing(write, { force: true }),
      }),
    replace: (object, write = {}) => send('PUT', refOfWritten(object), asObject, { body: object, ...writing(write) }),
    patch: (ref, type, patch, write = {}) =>
      send('PATCH', ref, asObject, {
        body: patch,
        contentType: PATCH_TYPES[type],
        ...(write.subresource === undefined ? {} : { subresource: write.subresource }),
        ...writing(write, type === 'apply' ? { force: true } : {}),
      }),
    delete: (ref, { uid, gracePeriodSeconds, propagationPolicy, ...write } = {}) =>
      send('DELETE', ref, (body) => (body['kind'] === 'Status' ? undefined : asObject(body)), {
        body: {
          kind: 'DeleteOptions',
          apiVersion: 'v1',
          ...deletion(uid, gracePeriodSeconds, write),
          ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
        },
        signal: write.signal,
      }),
    evict: ({ namespace, pod }, { gracePeriodSeconds, ...write } = {}) =>
      send('POST', { apiVersion: 'v1', kind: 'Pod', namespace, name: pod }, () => undefined, {
        subresource: 'eviction',
        body: {
          apiVersion: 'policy/v1',
          kind: 'Eviction',
          metadata: { name: pod, namespace },
          deleteOptions: deletion(undefined, gracePeriodSeconds, write),
        },
        signal: write.signal,
        // A budget that forbids it now will not allow it in a moment: the caller decides how long to wait.
        patience: 'none',
      }),
  };
}

function refOfWritten({ apiVersion, kind, metadata }: KubernetesObject): ObjectRef {
  const { namespace, name } = metadata;
  return { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
}

function withoutManagedFields(object: KubernetesObject): KubernetesObject {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function writing(
  { dryRun, fieldManager = 'seaworthy', signal }: WriteOptions,
  more: Readonly<Record<string, boolean>> = {},
): {
  readonly parameters: Readonly<Record<string, string | boolean | undefined>>;
  readonly signal: AbortSignal | undefined;
} {
  return { parameters: { fieldManager, ...(dryRun === true ? { dryRun: 'All' } : {}), ...more }, signal };
}

function deletion(
  uid: string | undefined,
  gracePeriodSeconds: number | undefined,
  { dryRun }: WriteOptions,
): JsonRecord {
  return {
    ...(uid === undefined ? {} : { preconditions: { uid } }),
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(dryRun === true ? { dryRun: ['All'] } : {}),
  };
}
