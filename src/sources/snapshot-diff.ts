import { API_VERSION } from '../model/api-version.ts';
import { formatPath } from '../model/because.ts';
import { isRecord } from '../model/json.ts';
import { kindKey, refId, refOf, type KubernetesObject, type ObjectRef } from '../model/object.ts';
import { withheld, type Gap, type Snapshot, type SnapshotSource } from '../model/snapshot.ts';

/** One object that is not in both snapshots as it was. */
export interface ObjectChange {
  /** unknown: it is in one of them only, and the other could not read objects of its kind. */
  readonly change: 'added' | 'removed' | 'changed' | 'unknown';
  readonly object: ObjectRef;
  /** The fields that differ, of changed objects. */
  readonly fields?: readonly FieldChange[];
  /** Why nothing can be said, of unknown ones. */
  readonly because?: string;
}

/** A field with its value in each; absent where it is not set. */
export interface FieldChange {
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** What is different between two snapshots. */
export interface SnapshotDiff {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: 'SnapshotDiff';
  readonly before: SnapshotSource & { readonly takenAt?: string };
  readonly after: SnapshotSource & { readonly takenAt?: string };
  readonly changes: readonly ObjectChange[];
  /** What could be read of only one of them. */
  readonly gaps: { readonly opened: readonly Gap[]; readonly closed: readonly Gap[] };
}

/** What the server keeps for itself, and what happens by itself: no change that anybody made. */
const SERVER_FIELDS = new Set([
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'managedFields',
  'selfLink',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
]);

/** Objects and fields that differ between two snapshots, in the order of their names; status and server fields aside. */
export function diffSnapshots(before: Snapshot, after: Snapshot): SnapshotDiff {
  const old = objectsOf(before);
  const now = objectsOf(after);
  const ids = [...new Set([...old.keys(), ...now.keys()])].sort();
  return {
    apiVersion: API_VERSION,
    kind: 'SnapshotDiff',
    before: sourceOf(before),
    after: sourceOf(after),
    changes: ids.flatMap((id) => changeOf(old.get(id), now.get(id), before, after)),
    gaps: {
      opened: gapsOnlyIn(after, before),
      closed: gapsOnlyIn(before, after),
    },
  };
}

function changeOf(
  old: KubernetesObject | undefined,
  now: KubernetesObject | undefined,
  before: Snapshot,
  after: Snapshot,
): readonly ObjectChange[] {
  if (old && now) {
    const fields = [...fieldChanges(old, now, [])]
      .filter(({ path }) => !isOneSided(path.split(/[.[]/, 1)[0] ?? '', now, [before, after]))
      .map((field) => (now.kind === 'Secret' ? withoutValues(field) : field));
    return fields.length === 0 ? [] : [{ change: 'changed', object: refOf(now), fields }];
  }
  const present = old ?? now;
  if (!present) return [];
  const object = refOf(present);
  const other = old ? after : before;
  const [gap] = other.gaps([kindKey(present.apiVersion, present.kind)], object.namespace);
  // Names and labels are read even where contents are withheld.
  if (gap && gap.reason !== 'withheld') return [{ change: 'unknown', object, because: gap.detail }];
  return [{ change: old ? 'removed' : 'added', object }];
}

/** Whether one side alone was allowed to see a field of the object: it can't be compared. */
function isOneSided(
  field: string,
  { apiVersion, kind, metadata }: KubernetesObject,
  sides: readonly Snapshot[],
): boolean {
  const key = kindKey(apiVersion, kind);
  const blind = sides.filter((side) => withheld(side, key, field, metadata.namespace).length > 0);
  return blind.length === 1;
}

function* fieldChanges(before: unknown, after: unknown, path: readonly (string | number)[]): Generator<FieldChange> {
  if (isRecord(before) && isRecord(after)) {
    for (const key of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()) {
      if (path.length === 0 && (key === 'status' || key === 'apiVersion')) continue;
      if (path.length === 1 && path[0] === 'metadata' && SERVER_FIELDS.has(key)) continue;
      yield* fieldChanges(before[key], after[key], [...path, key]);
    }
  } else if (Array.isArray(before) && Array.isArray(after)) {
    for (let index = 0; index < Math.max(before.length, after.length); index++) {
      yield* fieldChanges(before[index], after[index], [...path, index]);
    }
  } else if (before !== after) {
    yield {
      path: formatPath(path),
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    };
  }
}

/** Values of Secrets are never shown: that they differ is enough. */
function withoutValues({ path, ...values }: FieldChange): FieldChange {
  if (!/^(data|stringData)\b/.test(path)) return { path, ...values };
  return {
    path,
    ...('before' in values ? { before: '(withheld)' } : {}),
    ...('after' in values ? { after: '(withheld)' } : {}),
  };
}

function objectsOf(snapshot: Snapshot): ReadonlyMap<string, KubernetesObject> {
  const all = snapshot.kinds().flatMap((kind) => snapshot.list(kind));
  return new Map(all.map(({ object }) => [refId(refOf(object)), object]));
}

function sourceOf({ source, takenAt }: Snapshot): SnapshotDiff['before'] {
  return { ...source, ...(takenAt === undefined ? {} : { takenAt }) };
}

function gapsOnlyIn(one: Snapshot, other: Snapshot): readonly Gap[] {
  const key = ({ kind, namespace = '', reason }: Gap): string => `${kind} ${namespace} ${reason}`;
  const known = new Set(other.coverage.gaps.map(key));
  return one.coverage.gaps.filter((gap) => !known.has(key(gap)));
}
