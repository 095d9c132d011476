import { isRecord, type JsonRecord } from '../../../model/json.ts';
import { badRequest } from '../http/status.ts';
import { sameJson } from '../objects.ts';
import { fieldType, type FieldType } from '../schema/types.ts';

type ListType = Extract<FieldType, { kind: 'list' }>;
const ANY: FieldType = { kind: 'any' };
const SET_ORDER = '$setElementOrder/';
const DELETE_PRIMITIVES = '$deleteFromPrimitiveList/';

/**
 * Strategic merge patch: as a JSON merge patch, but lists with a merge key are merged entry by entry, and the
 * directives `$patch`, `$retainKeys`, `$setElementOrder` and `$deleteFromPrimitiveList` are obeyed.
 * Source: apimachinery/pkg/util/strategicpatch.
 */
export function strategicMergePatch(type: FieldType, target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const directive = patch['$patch'];
  if (directive === 'replace') return without(patch, '$patch');
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge')
    throw badRequest(`Unknown patch type found: ${String(directive)}`);
  const out: Record<string, unknown> = isRecord(target) ? { ...target } : {};
  const retained = patch['$retainKeys'];
  if (Array.isArray(retained)) for (const key of Object.keys(out)) if (!retained.includes(key)) delete out[key];

  for (const [key, value] of Object.entries(patch)) {
    if (key === '$patch' || key === '$retainKeys' || key.startsWith(SET_ORDER)) continue;
    if (key.startsWith(DELETE_PRIMITIVES)) {
      const field = key.slice(DELETE_PRIMITIVES.length);
      const gone: readonly unknown[] = Array.isArray(value) ? value : [];
      const from = out[field];
      if (Array.isArray(from)) out[field] = from.filter((entry) => !gone.some((g) => sameJson(g, entry)));
      continue;
    }
    const of = fieldType(type, key) ?? ANY;
    if (value === null) delete out[key];
    else if (of.kind === 'list' && of.mergeKey !== undefined && Array.isArray(value)) {
      out[key] = mergeList(of, of.mergeKey, out[key], value);
    } else out[key] = strategicMergePatch(of, out[key], value);
  }
  for (const [key, order] of Object.entries(patch)) {
    if (!key.startsWith(SET_ORDER)) continue;
    const field = key.slice(SET_ORDER.length);
    const of = fieldType(type, field);
    if (of?.kind === 'list') out[field] = reorder(of, out[field], order);
  }
  return out;
}

function mergeList(type: ListType, mergeKey: string, target: unknown, patch: readonly unknown[]): readonly unknown[] {
  const existing: readonly unknown[] = Array.isArray(target) ? target : [];
  if (mergeKey === '') return [...existing, ...patch.filter((entry) => !existing.some((e) => sameJson(e, entry)))];
  const entries = patch.filter((entry): entry is JsonRecord => isRecord(entry));
  if (entries.some((entry) => entry['$patch'] === 'replace')) {
    return entries.filter((entry) => entry['$patch'] !== 'replace');
  }
  const out = [...existing];
  for (const entry of entries) {
    const key = entry[mergeKey];
    if (key === undefined)
      throw badRequest(`map: ${JSON.stringify(entry)} does not contain declared merge key: ${mergeKey}`);
    const index = out.findIndex((candidate) => isRecord(candidate) && candidate[mergeKey] === key);
    if (entry['$patch'] === 'delete') {
      if (index >= 0) out.splice(index, 1);
    } else if (index < 0) out.push(strategicMergePatch(type.of, {}, entry));
    else out[index] = strategicMergePatch(type.of, out[index], entry);
  }
  return out;
}

/** Entries named in `order` come in that order; the others keep their place before the entry they stood before. */
function reorder(type: ListType, target: unknown, order: unknown): unknown {
  if (!Array.isArray(target) || !Array.isArray(order)) return target;
  const keyOf = (entry: unknown): unknown =>
    type.mergeKey !== undefined && type.mergeKey !== '' && isRecord(entry) ? entry[type.mergeKey] : entry;
  const rank = new Map(order.map((entry, index) => [keyOf(entry), index]));
  const listed = target
    .filter((entry) => rank.has(keyOf(entry)))
    .sort((a, b) => (rank.get(keyOf(a)) ?? 0) - (rank.get(keyOf(b)) ?? 0));
  return target.map((entry: unknown) => (rank.has(keyOf(entry)) ? (listed.shift() as unknown) : entry));
}

function without(of: JsonRecord, field: string): JsonRecord {
  const { [field]: _, ...rest } = of;
  return rest;
}
