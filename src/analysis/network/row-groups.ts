import type { Classes, PodClass } from './classes.ts';
import type { Compiler } from './compiler.ts';
import type { Direction, Policy } from './policy.ts';
import { createRow, createRowBody, type Row, type RowBody, type RowInput, type Rows } from './rows.ts';

export interface GroupingInput {
  readonly classes: Classes;
  readonly compiler: Compiler;
  /** Namespaces with policies that could not be read: their pods count as isolated, so nothing is listed on a guess. */
  readonly maybeIsolated: (namespace: string) => boolean;
  /** A policy of an ordered stage could not be read. */
  readonly tiersUnknown: boolean;
}

/** Puts classes that exactly the same policies select into one row. O(classes selected, summed over policies). */
export function groupRows(input: GroupingInput, policies: readonly Policy[], direction: Direction): Rows {
  const { classes, compiler } = input;
  // A set of policies is a node: the set without its last policy, and that policy. Node 0 is the empty set.
  const nodes: { readonly without: number; readonly last: Policy | undefined }[] = [{ without: 0, last: undefined }];
  const nodeOf = new Int32Array(classes.all.length);
  const withNext: number[] = [];
  for (const policy of policies) {
    if (!bearsOn(policy, direction)) continue;
    for (const subject of compiler.subjects(policy)) {
      const without = nodeOf[subject] ?? 0;
      let node = withNext[without] ?? 0;
      if (nodes[node]?.last !== policy) withNext[without] = node = nodes.push({ without, last: policy }) - 1;
      nodeOf[subject] = node;
    }
  }
  const policiesOf = (node: number): readonly Policy[] => {
    const found: Policy[] = [];
    for (let at = nodes[node]; at?.last; at = nodes[at.without]) found.push(at.last);
    return found.reverse();
  };
  const drafts = new Map<
    number,
    { readonly classes: PodClass[]; readonly policies: readonly Policy[]; unread: boolean }
  >();
  for (const podClass of classes.all) {
    const unread = podClass.reading === 'pod' && input.maybeIsolated(podClass.namespace.name);
    const node = nodeOf[podClass.index] ?? 0;
    const key = node * 2 + (unread ? 1 : 0);
    const known = drafts.get(key);
    if (known) known.classes.push(podClass);
    else drafts.set(key, { classes: [podClass], policies: policiesOf(node), unread });
  }
  return number([...drafts.values()], input, direction);
}

/** What an edit does to the list of policies. What is kept is the same objects in the same order. */
export interface PolicyEdit {
  readonly after: readonly Policy[];
  readonly removed: readonly Policy[];
  readonly added: readonly Policy[];
}

/**
 * The rows after an edit: only classes that a removed or an added policy selects move, everything else is shared with
 * the rows before. `old` was grouped among the same classes, with the same gaps.
 */
export function regroupRows(input: GroupingInput, old: Rows, edit: PolicyEdit, direction: Direction): Rows {
  const removed = edit.removed.filter((policy) => bearsOn(policy, direction));
  const added = edit.added.filter((policy) => bearsOn(policy, direction));
  if (removed.length === 0 && added.length === 0) return old;
  const joining = new Map<number, number[]>();
  for (const policy of removed) for (const subject of input.compiler.subjects(policy)) joining.set(subject, []);
  added.forEach((policy, index) => {
    for (const subject of input.compiler.subjects(policy)) {
      const known = joining.get(subject);
      if (known) known.push(index);
      else joining.set(subject, [index]);
    }
  });
  const gone = new Set(removed);
  const moved = new Map<string, { readonly from: Row; readonly joins: readonly number[]; members: PodClass[] }>();
  for (const [index, joins] of joining) {
    const from = old.list[old.of[index] ?? -1];
    const podClass = input.classes.all[index];
    if (!from || !podClass) continue;
    const key = `${from.index} ${joins.join()}`;
    const known = moved.get(key);
    if (known) known.members.push(podClass);
    else moved.set(key, { from, joins, members: [podClass] });
  }
  const left = new Set([...moved.values()].map(({ from }) => from));
  const stay = old.list.flatMap((row): readonly Draft[] => {
    if (!left.has(row)) return [row];
    const classes = row.classes.filter(({ index }) => !joining.has(index));
    return classes.length === 0 ? [] : [{ ...draftOf(row), classes }];
  });
  const arrived = [...moved.values()].map(({ from, joins, members }): Draft => ({
    classes: members.sort((a, b) => a.index - b.index),
    policies: [...from.policies.filter((policy) => !gone.has(policy)), ...joins.flatMap((i) => added[i] ?? [])],
    unread: from.unread,
  }));
  const place = placesIn(edit.after, arrived);
  const inOrder = arrived.map((draft) => ({
    ...draft,
    policies: [...draft.policies].sort((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0)),
  }));
  return number(merge(stay, inOrder), input, direction);
}

/** Where the policies of some rows stand in the list of all. */
function placesIn(policies: readonly Policy[], rows: readonly Draft[]): ReadonlyMap<Policy, number> {
  const wanted = new Set(rows.flatMap((row) => row.policies));
  const place = new Map<Policy, number>();
  policies.forEach((policy, index) => {
    if (wanted.has(policy)) place.set(policy, index);
  });
  return place;
}

/** A row before it has its place; with its body, and its old place, where it was one before. */
type Draft = RowInput & { readonly body?: RowBody; readonly index?: number };

function draftOf({ classes, policies, unread, body }: Draft): Draft {
  return { classes, policies, unread, ...(body ? { body } : {}) };
}

/** Adds rows to a list; those selected by the same policies as one in it, or as each other, become one with it. */
function merge(stay: readonly Draft[], arrived: readonly Draft[]): readonly Draft[] {
  const firsts = new Set(arrived.map(({ policies }) => policies[0]));
  const names = new Map<Policy, number>();
  const keyOf = ({ policies, unread }: Draft): string =>
    `${policies.map((policy) => names.get(policy) ?? (names.set(policy, names.size), names.size - 1)).join()}${unread ? '?' : ''}`;
  const same = new Map<string, Draft>();
  const apart: Draft[] = [];
  for (const draft of stay) {
    if (firsts.has(draft.policies[0])) same.set(keyOf(draft), draft);
    else apart.push(draft);
  }
  for (const draft of arrived) {
    const key = keyOf(draft);
    const known = same.get(key);
    const classes = [...(known?.classes ?? []), ...draft.classes].sort((a, b) => a.index - b.index);
    same.set(key, { ...(known ? draftOf(known) : draft), classes });
  }
  return [...apart, ...same.values()];
}

/** Rows in the order of their first classes, whatever way they came about. */
function number(drafts: readonly Draft[], input: GroupingInput, direction: Direction): Rows {
  const of = new Int32Array(input.classes.all.length);
  const inOrder = [...drafts].sort((a, b) => (a.classes[0]?.index ?? 0) - (b.classes[0]?.index ?? 0));
  const list = inOrder.map((draft, index): Row => {
    for (const member of draft.classes) of[member.index] = index;
    if (isRow(draft) && draft.index === index) return draft;
    const body = draft.body ?? createRowBody(draft, direction, input.compiler.rules);
    return createRow(index, draft, body, input.tiersUnknown);
  });
  return { list, of };
}

function isRow(draft: Draft | Row): draft is Row {
  return draft.index !== undefined;
}

function bearsOn(policy: Policy, direction: Direction): boolean {
  return policy.isolates[direction] || policy.rules[direction].length > 0 || policy.invalid;
}
