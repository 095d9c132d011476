import { isRecord } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { ApiError } from '../http/status.ts';
import { copy, sameJson, type Draft } from '../objects.ts';
import { entryKey, fieldType, rootType, type FieldType } from '../schema/types.ts';
import { formatFieldPath, withoutFields } from './field-set.ts';
import {
  isSameManager,
  ownableFields,
  readManaged,
  writeManaged,
  type ManagedEntry,
  type Manager,
} from './managed-fields.ts';

export interface ApplyContext {
  readonly manager: Manager;
  readonly force: boolean;
  readonly now: string;
  readonly hasStatus: boolean;
}

/**
 * Server-side apply: the configuration is merged into the live object by the lists' keys; what this manager applied
 * before and leaves out now is removed unless another owns it; a field another manager owns with another value is a
 * conflict (409) unless forced. Source: structured-merge-diff/merge.
 */
export function applyConfiguration(live: KubernetesObject, applied: KubernetesObject, context: ApplyContext): Draft {
  const type = rootType(live.apiVersion, live.kind);
  const { manager } = context;
  const stated = ownableFields(applied, manager.subresource, context.hasStatus);
  const current = ownableFields(live, manager.subresource, context.hasStatus);
  const entries = readManaged(live);
  const others = entries.filter((entry) => !isSameManager(entry, manager));
  const previous = entries.find((entry) => isSameManager(entry, manager));

  const disputed = new Set([...stated].flatMap(([path, value]) => (sameJson(current.get(path), value) ? [] : [path])));
  const conflicts = others.flatMap((entry) => {
    const paths = [...entry.fields].filter((path) => disputed.has(path) && current.has(path));
    return paths.length === 0 ? [] : [{ entry, paths }];
  });
  if (conflicts.length > 0 && !context.force) throw applyConflict(conflicts);

  const dropped = new Set(
    [...(previous?.fields ?? [])].filter((path) => !stated.has(path) && !others.some(({ fields }) => fields.has(path))),
  );
  const kept = withoutFields(type, live, dropped);
  const merged = copy(mergeByType(type, kept, { ...applied, metadata: mergedMeta(live, applied) }) as KubernetesObject);
  const mine: ManagedEntry = {
    ...manager,
    apiVersion: applied.apiVersion,
    time: previous && sameSet(previous.fields, stated) ? previous.time : context.now,
    fields: new Set(stated.keys()),
  };
  const losing = others.map((entry) => ({
    ...entry,
    fields: new Set([...entry.fields].filter((path) => !disputed.has(path) || !current.has(path))),
  }));
  writeManaged(merged, [mine, ...losing]);
  return merged;
}

/** The applied metadata without what the server keeps. */
function mergedMeta(live: KubernetesObject, applied: KubernetesObject): KubernetesObject['metadata'] {
  const {
    managedFields: _,
    resourceVersion: __,
    uid: ___,
    creationTimestamp: ____,
    generation: _____,
    ...rest
  } = applied.metadata;
  return { ...rest, name: live.metadata.name };
}

function sameSet(a: ReadonlySet<string>, b: ReadonlyMap<string, unknown>): boolean {
  return a.size === b.size && [...a].every((path) => b.has(path));
}

/** The applied value over the live one: structs and maps field by field, `map` and `set` lists entry by entry. */
function mergeByType(type: FieldType, live: unknown, applied: unknown): unknown {
  if (type.kind === 'list' && type.listType !== 'atomic' && Array.isArray(applied)) {
    const out: unknown[] = Array.isArray(live) ? [...live] : [];
    for (const entry of applied as readonly unknown[]) {
      const index = out.findIndex((candidate) =>
        type.listType === 'set'
          ? sameJson(candidate, entry)
          : sameJson(entryKey(type, candidate), entryKey(type, entry)),
      );
      if (index < 0) out.push(entry);
      else out[index] = mergeByType(type.of, out[index], entry);
    }
    return out;
  }
  const atomic = (type.kind === 'struct' || type.kind === 'map') && type.atomic;
  if (!isRecord(applied) || !isRecord(live) || atomic || type.kind === 'list') return applied;
  const out: Record<string, unknown> = { ...live };
  for (const [key, value] of Object.entries(applied)) {
    out[key] = mergeByType(fieldType(type, key) ?? { kind: 'any' }, out[key], value);
  }
  return out;
}

interface Conflict {
  readonly entry: ManagedEntry;
  readonly paths: readonly string[];
}

function applyConflict(conflicts: readonly Conflict[]): ApiError {
  const count = conflicts.reduce((sum, { paths }) => sum + paths.length, 0);
  const by = ({ entry }: Conflict): string => {
    const through = entry.subresource ? ` with subresource "${entry.subresource}"` : '';
    // Of an Apply upstream says the manager alone; of an update also the version it was made with.
    return `"${entry.name}"${through}${entry.operation === 'Apply' ? '' : ` using ${entry.apiVersion}`}`;
  };
  const said = conflicts.map((conflict) =>
    conflict.paths.length === 1
      ? `conflict with ${by(conflict)}: ${formatFieldPath(conflict.paths[0] ?? '')}`
      : `conflicts with ${by(conflict)}:\n${conflict.paths.map((path) => `- ${formatFieldPath(path)}`).join('\n')}`,
  );
  const message = `Apply failed with ${count} conflict${count === 1 ? '' : 's'}: ${said.join('\n')}`;
  return new ApiError(409, 'Conflict', message, {
    causes: conflicts.flatMap((conflict) =>
      conflict.paths.map((path) => ({
        reason: 'FieldManagerConflict' as const,
        message: `conflict with ${by(conflict)}`,
        field: formatFieldPath(path),
      })),
    ),
  });
}
