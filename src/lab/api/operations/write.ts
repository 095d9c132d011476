import { randomUUID } from 'node:crypto';
import { isRecord, strings } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { admit, admitted } from '../admission/index.ts';
import { timestamp, type Call, type Core } from '../core.ts';
import { applyDefaults } from '../defaults/index.ts';
import { alreadyExists, badRequest, conflict, invalid, MODIFIED, type Cause } from '../http/status.ts';
import type { ApiKind } from '../kinds.ts';
import { copy, sameJson, type Draft } from '../objects.ts';
import { trackUpdate, type Manager } from '../patch/managed-fields.ts';
import { storageKey } from '../registry.ts';
import { validate } from '../validation/index.ts';
import { finishCreate, finishUpdate, hasGeneration } from './lifecycle.ts';
import { randomSuffix } from './random-suffix.ts';
import { readObject } from './read-body.ts';

/** Creates an object from a body, by the steps upstream takes: decode, default, admit, complete, validate, store. */
export function createObject(
  core: Core,
  call: Call,
  kind: ApiKind,
  namespace: string | undefined,
  body: unknown,
  manager: Manager = { name: call.manager, operation: 'Update', subresource: '' },
): KubernetesObject {
  const draft = readObject(body, { kind, namespace }, call);
  return storeNew(core, call, kind, draft, (done) => {
    trackUpdate(undefined, done, manager, { now: timestamp(core.now()), hasStatus: hasStatus(kind) });
  });
}

/** The part of create that apply shares; `track` records the field managers. */
export function storeNew(
  core: Core,
  call: Call,
  kind: ApiKind,
  draft: Draft,
  track: (draft: Draft) => void,
): KubernetesObject {
  const { metadata } = draft;
  if (metadata.resourceVersion) throw badRequest('resourceVersion should not be set on objects to be created');
  const generated = metadata['generateName'];
  if (!metadata.name && typeof generated === 'string') metadata.name = generated + randomSuffix();
  applyDefaults(draft);
  admit({ core, call, kind, draft, operation: 'CREATE' });
  metadata.uid = randomUUID();
  metadata.creationTimestamp = timestamp(core.now());
  delete metadata.deletionTimestamp;
  delete metadata['deletionGracePeriodSeconds'];
  delete metadata['managedFields'];
  delete metadata['selfLink'];
  if (hasGeneration(kind)) metadata['generation'] = 1;
  else delete metadata['generation'];
  if (hasStatus(kind)) delete draft['status'];
  finishCreate(core, draft);
  refuse(kind, draft, validate(kind, draft));
  admitted({ core, call, kind, draft, operation: 'CREATE' });
  if (core.store.get(storageKey(kind), metadata.namespace, metadata.name)) {
    throw alreadyExists(kind, metadata.name);
  }
  track(draft);
  if (call.dryRun) return draft;
  const stored = core.store.put(storageKey(kind), draft);
  if (kind.kind === 'CustomResourceDefinition') core.registry.define(stored);
  return stored;
}

/** What changes an object that is there: where the change came from, and which part of the object it may touch. */
export interface Change {
  readonly kind: ApiKind;
  readonly before: KubernetesObject;
  readonly draft: Draft;
  readonly subresource: string;
  /** Records the field managers; absent when an apply has done it. */
  readonly manager?: Manager;
}

/** Stores a changed object. A change that changes nothing keeps its resourceVersion. */
export function storeChanged(core: Core, call: Call, change: Change): KubernetesObject {
  const { kind, before, subresource } = change;
  const { name } = before.metadata;
  const draft = merge(change);
  if (draft.metadata.uid && draft.metadata.uid !== before.metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${draft.metadata.uid}, UID in object meta: ${before.metadata.uid}`;
    throw conflict(kind, name, why);
  }
  const asked = draft.metadata.resourceVersion;
  if (asked !== undefined && asked !== '' && asked !== '0' && asked !== before.metadata.resourceVersion) {
    throw conflict(kind, name, MODIFIED);
  }
  keepSystemMeta(draft, before);
  applyDefaults(draft);
  if (subresource === '') admit({ core, call, kind, draft, before, operation: 'UPDATE' });
  finishUpdate(core, draft, before, subresource);
  if (hasGeneration(kind) && !sameJson(specOf(draft), specOf(before))) {
    draft.metadata['generation'] = Number(before.metadata['generation'] ?? 0) + 1;
  }
  refuse(kind, draft, validate(kind, draft, before, subresource));
  admitted({ core, call, kind, draft, before, operation: 'UPDATE', subresource });
  if (change.manager) {
    trackUpdate(before, draft, change.manager, { now: timestamp(core.now()), hasStatus: hasStatus(kind) });
  }
  if (isUnchanged(before, draft)) return before;
  if (call.dryRun) return draft;
  const gone =
    before.metadata.deletionTimestamp !== undefined &&
    strings(draft.metadata['finalizers']).length === 0 &&
    strings(before.metadata['finalizers']).length > 0 &&
    !(Number(before.metadata['deletionGracePeriodSeconds'] ?? 0) > 0);
  const stored = gone ? core.store.remove(storageKey(kind), draft) : core.store.put(storageKey(kind), draft);
  if (kind.kind === 'CustomResourceDefinition') {
    if (gone) core.registry.undefine(stored);
    else core.registry.define(stored);
  }
  return stored;
}

/** The part of the draft the path may change, over the rest of what is stored. */
function merge({ kind, before, draft, subresource }: Change): Draft {
  const result = copy(draft);
  if (subresource !== '' && subresource !== 'resize' && subresource !== 'ephemeralcontainers') {
    for (const field of Object.keys(result)) {
      if (field !== 'metadata' && field !== 'status') delete result[field];
    }
    const { status: _, metadata: __, ...rest } = copy(before);
    return { ...rest, ...result };
  }
  if (hasStatus(kind)) {
    delete result['status'];
    if (before['status'] !== undefined) result['status'] = structuredClone(before['status']);
  }
  return result;
}

const KEPT = [
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generation',
  'generateName',
];

function keepSystemMeta(draft: Draft, before: KubernetesObject): void {
  for (const field of KEPT) {
    if (before.metadata[field] === undefined) delete draft.metadata[field];
    else draft.metadata[field] = before.metadata[field];
  }
  draft.metadata.resourceVersion = before.metadata.resourceVersion ?? '';
  if (draft.metadata['managedFields'] === undefined && before.metadata['managedFields'] !== undefined) {
    draft.metadata['managedFields'] = before.metadata['managedFields'];
  }
}

function isUnchanged(before: KubernetesObject, after: Draft): boolean {
  const bare = (object: KubernetesObject): unknown => {
    const { managedFields: _, resourceVersion: __, ...metadata } = object.metadata;
    return { ...object, metadata };
  };
  return sameJson(bare(before), bare(after)) && sameManagers(before, after);
}

/** Whether the field managers differ in more than their times. */
function sameManagers(before: KubernetesObject, after: KubernetesObject): boolean {
  const timeless = (object: KubernetesObject): unknown =>
    (Array.isArray(object.metadata['managedFields']) ? (object.metadata['managedFields'] as unknown[]) : []).map(
      (entry) => (isRecord(entry) ? { ...entry, time: undefined } : entry),
    );
  return sameJson(timeless(before), timeless(after));
}

/** What `generation` counts changes of: everything but metadata and status. */
function specOf(object: KubernetesObject): unknown {
  const { metadata: _, status: __, ...rest } = object;
  return rest;
}

export function hasStatus(kind: ApiKind): boolean {
  return kind.subresources.some(({ name }) => name === 'status');
}

function refuse(kind: ApiKind, draft: Draft, causes: readonly Cause[]): void {
  if (causes.length > 0) throw invalid(kind, draft.metadata.name ?? '', causes);
}
