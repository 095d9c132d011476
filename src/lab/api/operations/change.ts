import { isRecord } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { timestamp, type Call, type Core } from '../core.ts';
import { badRequest, conflict, invalid, invalidOptions, notFound, unsupportedMediaType } from '../http/status.ts';
import { apiVersionOf, type ApiKind } from '../kinds.ts';
import { applyConfiguration } from '../patch/apply.ts';
import { jsonMergePatch } from '../patch/json-merge.ts';
import { jsonPatch } from '../patch/json-patch.ts';
import { ownableFields, writeManaged, type Manager } from '../patch/managed-fields.ts';
import { strategicMergePatch } from '../patch/strategic-merge.ts';
import { storageKey } from '../registry.ts';
import { required } from '../validation/causes.ts';
import { rootType } from '../schema/types.ts';
import { getObject } from './read.ts';
import { readObject } from './read-body.ts';
import { hasStatus, storeChanged, storeNew } from './write.ts';

export interface Target {
  readonly kind: ApiKind;
  readonly namespace: string | undefined;
  readonly name: string;
  /** `''`, `status`, `ephemeralcontainers` or `resize`. */
  readonly subresource: string;
}

/** PUT. */
export function replaceObject(core: Core, call: Call, target: Target, body: unknown): KubernetesObject {
  const before = getObject(core, target.kind, target.namespace, target.name);
  const draft = readObject(body, target, call);
  return storeChanged(core, call, { ...target, before, draft, manager: updater(call, target) });
}

export const PATCH_TYPES = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

/** PATCH, of any of the four kinds. */
export function patchObject(
  core: Core,
  call: Call,
  target: Target,
  patch: { readonly contentType: string; readonly body: unknown; readonly force: boolean },
): KubernetesObject {
  if (patch.contentType === PATCH_TYPES.apply) return applyObject(core, call, target, patch.body, patch.force);
  const before = getObject(core, target.kind, target.namespace, target.name);
  const patched = patchedBy(patch.contentType, before, patch.body, target.kind);
  if (!isRecord(patched) || !isRecord(patched['metadata'])) throw badRequest('the patch leaves no object');
  checkIdentity(before, patched['metadata'], target.kind);
  const draft = readObject(patched, target, call);
  return storeChanged(core, call, { ...target, before, draft, manager: updater(call, target) });
}

function patchedBy(contentType: string, before: KubernetesObject, patch: unknown, kind: ApiKind): unknown {
  const type = rootType(apiVersionOf(kind), kind.kind);
  // A patch that says nothing of the revision means whatever is there now.
  const { resourceVersion: _, ...metadata } = before.metadata;
  const target = { ...before, metadata };
  switch (contentType) {
    case PATCH_TYPES.json:
      return jsonPatch(target, patch);
    case PATCH_TYPES.merge:
      return jsonMergePatch(target, patch);
    case PATCH_TYPES.strategic:
      if (type.kind === 'any') throw unsupportedMediaType([PATCH_TYPES.json, PATCH_TYPES.merge, PATCH_TYPES.apply]);
      return strategicMergePatch(type, target, patch);
    default:
      throw unsupportedMediaType(Object.values(PATCH_TYPES));
  }
}

/** A patch of a Scale, which is no stored object and has no lists. */
export function patchedScale(contentType: string, scale: KubernetesObject, patch: unknown): unknown {
  const { resourceVersion: _, ...metadata } = scale.metadata;
  const target = { ...scale, metadata };
  if (contentType === PATCH_TYPES.json) return jsonPatch(target, patch);
  return jsonMergePatch(target, patch);
}

function checkIdentity(before: KubernetesObject, metadata: Readonly<Record<string, unknown>>, kind: ApiKind): void {
  if (metadata['name'] !== before.metadata.name) {
    throw invalid(kind, before.metadata.name, [
      {
        reason: 'FieldValueInvalid',
        message: `Invalid value: ${JSON.stringify(metadata['name'])}: field is immutable`,
        field: 'metadata.name',
      },
    ]);
  }
  if (metadata['uid'] !== undefined && metadata['uid'] !== before.metadata.uid) {
    throw conflict(
      kind,
      before.metadata.name,
      `uid mismatch: the provided object specified uid ${String(metadata['uid'])}, and the object has uid ${before.metadata.uid}`,
    );
  }
}

/** Server-side apply; creates the object when it is not there. */
function applyObject(core: Core, call: Call, target: Target, body: unknown, force: boolean): KubernetesObject {
  const { kind, namespace, name, subresource } = target;
  if (call.manager === '') {
    throw invalidOptions('PatchOptions', required('fieldManager', 'is required for apply patch'));
  }
  const manager: Manager = { name: call.manager, operation: 'Apply', subresource };
  const applied = readObject(body, target, call);
  if (applied.metadata['managedFields'] !== undefined) throw badRequest('metadata.managedFields must be nil');
  const now = timestamp(core.now());
  const before = core.store.get(storageKey(kind), namespace, name);
  if (before) {
    const live = structuredClone(before);
    const draft = applyConfiguration(live, applied, { manager, force, now, hasStatus: hasStatus(kind) });
    if (applied.metadata.resourceVersion === undefined) delete draft.metadata.resourceVersion;
    else draft.metadata.resourceVersion = applied.metadata.resourceVersion;
    if (applied.metadata.uid !== undefined) draft.metadata.uid = applied.metadata.uid;
    return storeChanged(core, call, { kind, before, draft, subresource });
  }
  if (subresource !== '') throw notFound(kind, name);
  if (applied.metadata.uid !== undefined) {
    const why = `uid mismatch: the provided object specified uid ${applied.metadata.uid}, and no existing object was found`;
    throw conflict(kind, name, why);
  }
  const stated = new Set(ownableFields(applied, '', hasStatus(kind)).keys());
  return storeNew(core, call, kind, applied, (draft) => {
    writeManaged(draft, [{ ...manager, apiVersion: draft.apiVersion, time: now, fields: stated }]);
  });
}

function updater(call: Call, target: Target): Manager {
  return { name: call.manager, operation: 'Update', subresource: target.subresource };
}
