import type { PodClass } from './classes.ts';
import type { Direction, Policy } from './policy.ts';
import { bearsOn, numberRows, type Draft, type GroupingInput } from './row-groups.ts';
import type { Row, Rows } from './rows.ts';

/** What an edit does to the list of policies. What is kept is the same objects in the same order. */
export interface PolicyEdit {
  readonly after: readonly Policy[];
  readonly removed: readonly Policy[];
  readonly added: readonly Policy[];
}

export interface RowChange {
  /** Classes that are new or not what they were. */
  readonly touched: ReadonlySet<number>;
  /** Classes or addresses are not what they were, so what rules mean is compiled again. */
  readonly renewed: boolean;
}

/**
 * The rows after an edit of policies, of classes, or of both. Only classes that a removed or an added policy selects
 * move to other rows, and those that are touched; all else is shared with the rows before, as long as rules mean the same.
 */
export function regroupRows(
  input: GroupingInput,
  old: Rows,
  edit: PolicyEdit,
  direction: Direction,
  { touched, renewed }: RowChange,
): Rows {
  const { classes, compiler } = input;
  const removed = edit.removed.filter((policy) => bearsOn(policy, direction));
  const added = edit.added.filter((policy) => bearsOn(policy, direction));
  if (removed.length === 0 && added.length === 0 && !renewed) return old;
  const joining = new Map<number, number[]>();
  for (const policy of removed) for (const subject of compiler.subjects(policy)) joining.set(subject, []);
  added.forEach((policy, index) => {
    for (const subject of compiler.subjects(policy)) {
      const known = joining.get(subject);
      if (known) known.push(index);
      else joining.set(subject, [index]);
    }
  });
  for (const index of touched) joining.delete(index);
  const gone = new Set(removed);
  const moved = new Map<string, { readonly from: Row; readonly joins: readonly number[]; members: PodClass[] }>();
  for (const [index, joins] of joining) {
    const from = old.list[old.of[index] ?? -1];
    const podClass = classes.all[index];
    if (!from || !podClass) continue;
    const key = `${from.index} ${joins.join()}`;
    const known = moved.get(key);
    if (known) known.members.push(podClass);
    else moved.set(key, { from, joins, members: [podClass] });
  }
  const left = new Set([...moved.values()].map(({ from }) => from));
  for (const index of touched) {
    const from = index < old.of.length ? old.list[old.of[index] ?? -1] : undefined;
    if (from) left.add(from);
  }
  const stay = old.list.flatMap((row): readonly Draft[] => {
    const draft = renewed ? { classes: row.classes, policies: row.policies, unread: row.unread } : row;
    if (!left.has(row)) return [draft];
    const staying = row.classes.filter(({ index }) => !joining.has(index) && !touched.has(index));
    return staying.length === 0 ? [] : [{ ...withoutPlace(draft), classes: staying }];
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
  return numberRows(merge(stay, [...inOrder, ...draftsOf(input, touched, edit.after, direction)]), input, direction);
}

/** Rows of single classes, each with the policies that select it, in their order. */
function draftsOf(
  { classes, compiler, maybeIsolated }: GroupingInput,
  touched: ReadonlySet<number>,
  policies: readonly Policy[],
  direction: Direction,
): readonly Draft[] {
  const wanted = [...touched].flatMap((index) => classes.all[index] ?? []).filter(({ members }) => members.length > 0);
  const names = new Set(wanted.map(({ namespace }) => namespace.name));
  const candidates = policies.filter(
    (policy) =>
      bearsOn(policy, direction) &&
      (policy.subject.alternatives !== undefined ||
        policy.subject.namespaces.kind !== 'name' ||
        names.has(policy.subject.namespaces.name)),
  );
  return wanted.map((podClass) => ({
    classes: [podClass],
    policies: candidates.filter((policy) => compiler.selects(policy, podClass)),
    unread: podClass.reading === 'pod' && maybeIsolated(podClass.namespace.name),
  }));
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

function withoutPlace({ classes, policies, unread, body }: Draft): Draft {
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
    same.set(key, { ...(known ? withoutPlace(known) : draft), classes });
  }
  return [...apart, ...same.values()];
}
