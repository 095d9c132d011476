import { records, text } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import type { Draft } from '../objects.ts';
import { rootType } from '../schema/types.ts';
import { changedFields, fieldsIn, fromFieldsV1, toFieldsV1, type FieldSet } from './field-set.ts';

/** Who writes, how, and through which subresource: what tells one entry of `managedFields` from another. */
export interface Manager {
  readonly name: string;
  readonly operation: 'Apply' | 'Update';
  readonly subresource: string;
}

export interface ManagedEntry extends Manager {
  readonly apiVersion: string;
  readonly time: string;
  readonly fields: FieldSet;
}

export function readManaged(object: KubernetesObject): readonly ManagedEntry[] {
  return records(object.metadata['managedFields']).map(([, entry]) => ({
    name: text(entry['manager']) ?? '',
    operation: entry['operation'] === 'Apply' ? 'Apply' : 'Update',
    subresource: text(entry['subresource']) ?? '',
    apiVersion: text(entry['apiVersion']) ?? '',
    time: text(entry['time']) ?? '',
    fields: fromFieldsV1(entry['fieldsV1']),
  }));
}

export function writeManaged(draft: Draft, entries: readonly ManagedEntry[]): void {
  const kept = entries.filter(({ fields }) => fields.size > 0);
  if (kept.length === 0) {
    delete draft.metadata['managedFields'];
    return;
  }
  draft.metadata['managedFields'] = kept.map((entry) => ({
    manager: entry.name,
    operation: entry.operation,
    apiVersion: entry.apiVersion,
    time: entry.time,
    fieldsType: 'FieldsV1',
    fieldsV1: toFieldsV1(entry.fields),
    ...(entry.subresource ? { subresource: entry.subresource } : {}),
  }));
}

export function isSameManager(a: Manager, b: Manager): boolean {
  return a.name === b.name && a.operation === b.operation && a.subresource === b.subresource;
}

const SYSTEM_META: ReadonlySet<string> = new Set(
  [
    'name',
    'namespace',
    'uid',
    'resourceVersion',
    'generation',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
    'selfLink',
    'managedFields',
  ].map((field) => `f:metadata\0f:${field}`),
);

/** The fields of an object that somebody can own: not its identity, nor what the server itself keeps. */
export function ownableFields(
  object: KubernetesObject,
  subresource: string,
  hasStatus: boolean,
): ReadonlyMap<string, unknown> {
  const type = rootType(object.apiVersion, object.kind);
  const { metadata, apiVersion: _, kind: __, ...rest } = object;
  const all = fieldsIn(type, { ...rest, metadata });
  const kept = new Map<string, unknown>();
  for (const [path, value] of all) {
    const [root = '', field = ''] = path.split('\0');
    if (root === 'f:metadata' && (field === '' || SYSTEM_META.has(`${root}\0${field}`))) continue;
    if (subresource === 'status' ? root !== 'f:status' : hasStatus && root === 'f:status') continue;
    kept.set(path, value);
  }
  return kept;
}

/**
 * Records a create, update or patch: its manager owns what it changed, nobody else owns what it changed, and nobody
 * owns what is no longer there. The object is changed in place.
 */
export function trackUpdate(
  before: KubernetesObject | undefined,
  draft: Draft,
  manager: Manager,
  context: { readonly now: string; readonly hasStatus: boolean },
): void {
  const fields = (object: KubernetesObject): ReadonlyMap<string, unknown> =>
    ownableFields(object, manager.subresource, context.hasStatus);
  const after = fields(draft);
  const changed = changedFields(before ? fields(before) : new Map(), after);
  // What is gone is nobody's; entries of the other subresource are not looked at here.
  const entries: ManagedEntry[] = [];
  let mine: ManagedEntry | undefined;
  for (const entry of before ? readManaged(before) : []) {
    if (isSameManager(entry, manager)) mine = entry;
    else {
      const looked = entry.subresource === manager.subresource;
      const kept = looked ? [...entry.fields].filter((path) => !changed.has(path) && after.has(path)) : entry.fields;
      entries.push({ ...entry, fields: new Set(kept) });
    }
  }
  const own = new Set([...(mine?.fields ?? []), ...changed].filter((path) => after.has(path)));
  const since = changed.size === 0 && mine?.fields.size === own.size ? mine.time : context.now;
  entries.push({ ...manager, apiVersion: draft.apiVersion, time: since, fields: own });
  writeManaged(draft, entries);
}
