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
  const keyOf = (entry: unknown): unknown => (isRecord(entry) ? entry[mergeKey] : undefined);
  const patched: unknown[] = [];
  const gone = new Set<unknown>();
  for (const entry of entries) {
    const key = entry[mergeKey];
    if (key === undefined)
      throw badRequest(`map: ${JSON.stringify(entry)} does not contain declared merge key: ${mergeKey}`);
    if (entry['$patch'] === 'delete') gone.add(key);
    else {
      const before = existing.find((candidate) => keyOf(candidate) === key);
      patched.push(strategicMergePatch(type.of, before ?? {}, entry));
    }
  }
  const named = new Set(patched.map(keyOf));
  const rest = existing.filter((entry) => !named.has(keyOf(entry)) && !gone.has(keyOf(entry)));
  return interleave(rest, patched, existing.map(keyOf), keyOf);
}

/**
 * Entries only the server has among those of the patch: each comes first only before an entry that it has stood before;
 * an entry that is new does not wait (`mergeSortedSlice` upstream).
 */
function interleave(
  rest: readonly unknown[],
  patched: readonly unknown[],
  order: readonly unknown[],
  keyOf: (entry: unknown) => unknown,
): readonly unknown[] {
  const out: unknown[] = [];
  const left = [...rest];
  for (const entry of patched) {
    const place = order.indexOf(keyOf(entry));
    const stays = left.findIndex((other) => place < 0 || order.indexOf(keyOf(other)) > place);
    out.push(...left.splice(0, stays < 0 ? left.length : stays));
    out.push(entry);
  }
  return [...out, ...left];
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
