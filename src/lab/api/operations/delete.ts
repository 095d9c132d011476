import { isRecord, number, record, strings, text, type JsonRecord } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { timestamp, type Call, type Core } from '../core.ts';
import { readFilter } from '../http/selectors.ts';
import { ApiError, conflict, deleted, forbidden, type Status } from '../http/status.ts';
import { qualifiedResource, type ApiKind } from '../kinds.ts';
import { copy, type Draft } from '../objects.ts';
import { storageKey } from '../registry.ts';
import { markTerminating } from './lifecycle.ts';
import { getObject } from './read.ts';

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: string;
  readonly preconditions: { readonly uid?: string; readonly resourceVersion?: string };
}

/** DeleteOptions from the body, or from the query where there is no body. */
export function readDeleteOptions(body: unknown, query: URLSearchParams): DeleteOptions {
  const options = record(body);
  const grace = number(options['gracePeriodSeconds']) ?? parameter(query, 'gracePeriodSeconds');
  const propagation = text(options['propagationPolicy']) ?? query.get('propagationPolicy') ?? undefined;
  const orphan = options['orphanDependents'] ?? query.get('orphanDependents');
  const policy = propagation ?? (orphan === true || orphan === 'true' ? 'Orphan' : undefined);
  const { uid, resourceVersion } = record(options['preconditions']);
  return {
    ...(grace === undefined ? {} : { gracePeriodSeconds: grace }),
    ...(policy === undefined ? {} : { propagationPolicy: policy }),
    preconditions: {
      ...(typeof uid === 'string' ? { uid } : {}),
      ...(typeof resourceVersion === 'string' ? { resourceVersion } : {}),
    },
  };
}

function parameter(query: URLSearchParams, name: string): number | undefined {
  const written = query.get(name);
  return written === null ? undefined : Number(written);
}

/** Kinds whose DELETE answers with the object instead of a Status. */
const GIVEN_BACK: ReadonlySet<string> = new Set([
  'pods',
  'services',
  'serviceaccounts',
  'persistentvolumes',
  'persistentvolumeclaims',
  'podtemplates',
  'resourcequotas',
]);

/** Namespaces that stay as long as the cluster. */
const PERMANENT: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);

/**
 * DELETE. What has finalizers, or is a pod that still runs, is only marked; it goes when the last finalizer is taken
 * off, or when the node confirms with a grace period of 0.
 */
export function deleteObject(
  core: Core,
  call: Call,
  kind: ApiKind,
  namespace: string | undefined,
  name: string,
  options: DeleteOptions,
): KubernetesObject | Status {
  const object = getObject(core, kind, namespace, name);
  checkPreconditions(kind, object, options.preconditions);
  if (qualifiedResource(kind) === 'namespaces' && PERMANENT.has(name)) {
    throw forbidden(kind, name, 'this namespace may not be deleted');
  }
  const finalizers = new Set(strings(object.metadata['finalizers']));
  if (object.metadata.deletionTimestamp === undefined) {
    if (options.propagationPolicy === 'Foreground') finalizers.add('foregroundDeletion');
    if (options.propagationPolicy === 'Orphan') finalizers.add('orphan');
    // batch/v1 keeps the habit of its first days.
    if (options.propagationPolicy === undefined && kind.kind === 'Job') {
      finalizers.add('orphan');
      call.warnings.push(
        'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
      );
    }
  }
  const grace = graceOf(kind, object, options);
  const waits = finalizers.size > 0 || grace > 0 || isUnfinalizedNamespace(kind, object);
  if (!waits) {
    if (!call.dryRun) {
      const last = core.store.remove(storageKey(kind), object);
      if (kind.kind === 'CustomResourceDefinition') core.registry.undefine(last);
    }
    return GIVEN_BACK.has(qualifiedResource(kind)) ? object : deleted(kind, name, object.metadata.uid);
  }
  const draft = mark(core, copy(object), kind, [...finalizers], grace);
  return draft === undefined ? object : call.dryRun ? draft : core.store.put(storageKey(kind), draft);
}

/** Undefined when the object is marked already and no sooner end is asked for. */
function mark(
  core: Core,
  draft: Draft,
  kind: ApiKind,
  finalizers: readonly string[],
  grace: number,
): Draft | undefined {
  const before = draft.metadata.deletionTimestamp;
  const graceBefore = number(draft.metadata['deletionGracePeriodSeconds']) ?? 0;
  if (before !== undefined && grace >= graceBefore) return undefined;
  const begun = before === undefined ? core.now().getTime() : Date.parse(before) - graceBefore * 1000;
  draft.metadata.deletionTimestamp = timestamp(new Date(begun + grace * 1000));
  draft.metadata['deletionGracePeriodSeconds'] = grace;
  if (finalizers.length > 0) draft.metadata['finalizers'] = finalizers;
  const generation = number(draft.metadata['generation']);
  if (generation !== undefined && before === undefined) draft.metadata['generation'] = generation + 1;
  markTerminating(kind, draft);
  return draft;
}

/** Only pods take their time; those that never ran or have ended don't. */
function graceOf(kind: ApiKind, object: KubernetesObject, options: DeleteOptions): number {
  if (qualifiedResource(kind) !== 'pods') return 0;
  const spec = record(object['spec']);
  const phase = record(object['status'])['phase'];
  if (!text(spec['nodeName']) || phase === 'Succeeded' || phase === 'Failed') return 0;
  return Math.max(0, options.gracePeriodSeconds ?? number(spec['terminationGracePeriodSeconds']) ?? 30);
}

function isUnfinalizedNamespace(kind: ApiKind, object: KubernetesObject): boolean {
  return qualifiedResource(kind) === 'namespaces' && strings(record(object['spec'])['finalizers']).length > 0;
}

function checkPreconditions(kind: ApiKind, object: KubernetesObject, wanted: DeleteOptions['preconditions']): void {
  const { uid, resourceVersion } = object.metadata;
  const { name } = object.metadata;
  if (wanted.uid !== undefined && wanted.uid !== uid) {
    throw conflict(kind, name, `Precondition failed: UID in precondition: ${wanted.uid}, UID in object meta: ${uid}`);
  }
  if (wanted.resourceVersion !== undefined && wanted.resourceVersion !== resourceVersion) {
    const why = `Precondition failed: ResourceVersion in precondition: ${wanted.resourceVersion}, ResourceVersion in object meta: ${resourceVersion}`;
    throw conflict(kind, name, why);
  }
}

/** DELETE of a collection: one after another, each as if deleted alone. */
export function deleteCollection(
  core: Core,
  call: Call,
  kind: ApiKind,
  namespace: string | undefined,
  query: URLSearchParams,
  options: DeleteOptions,
): JsonRecord {
  const filter = readFilter(kind, query);
  const objects = core.store.list(storageKey(kind), namespace).filter((object) => !filter || filter(object));
  const items = objects.flatMap((object) => {
    try {
      const result = deleteObject(core, call, kind, object.metadata.namespace, object.metadata.name, options);
      return isRecord(result) && result.kind !== 'Status' ? [result] : [object];
    } catch (thrown) {
      if (thrown instanceof ApiError && thrown.code === 404) return [];
      throw thrown;
    }
  });
  return { metadata: { resourceVersion: String(core.store.revision()) }, items };
}
