import type { PodClass } from '../classes/classes.ts';
import type { Direction, Policy } from '../policies/policy.ts';
import { bearsOn, isUnread, type GroupingInput } from './row-groups.ts';
import { createBodies, createRow, type Row, type Rows } from './rows.ts';

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

/** Classes that move to a row of their own, or to one that is selected by the same policies. */
interface Arrival {
  readonly classes: readonly PodClass[];
  readonly policies: readonly Policy[];
  readonly unread: boolean;
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
  const { classes } = input;
  const removed = edit.removed.filter((policy) => bearsOn(policy, direction));
  const added = edit.added.filter((policy) => bearsOn(policy, direction));
  if (removed.length === 0 && added.length === 0 && !renewed) return old;
  const joins = joinsOf(input, removed, added, touched);
  const arrivals = [
    ...movedTogether(input, old, edit.after, { joins, removed, added }),
    ...looseClasses(input, touched, edit.after, direction),
  ];

  const list = [...old.list];
  const free: number[] = [];
  for (const index of new Set([...joins.keys(), ...touched].map((one) => old.of[one] ?? -1))) {
    const row = list[index];
    if (!row) continue;
    const staying = row.classes.filter((one) => !joins.has(one.index) && !touched.has(one.index));
    if (staying.length === row.classes.length) continue;
    list[index] = { ...row, classes: staying };
    if (staying.length === 0) free.push(index);
  }
  const of = new Int32Array(classes.all.length);
  of.set(old.of);
  const known = finderOf(list, arrivals);
  for (const arrival of arrivals) {
    const place = known.find(arrival);
    const same = place === undefined ? undefined : list[place];
    const index = same?.index ?? free.pop() ?? list.length;
    const members = [...(same?.classes ?? []), ...arrival.classes].sort((a, b) => a.index - b.index);
    list[index] = createRow(
      { index, classes: members, policies: (same ?? arrival).policies, unread: arrival.unread },
      input.tiersUnknown,
    );
    known.add(arrival, index);
    for (const member of arrival.classes) of[member.index] = index;
  }
  return { list, of, body: renewed ? createBodies(direction, input.compiler.rules, input.tiesByName) : old.body };
}

/** Which of the added policies select each class that a removed or an added policy selects. */
function joinsOf(
  { compiler }: GroupingInput,
  removed: readonly Policy[],
  added: readonly Policy[],
  touched: ReadonlySet<number>,
): Map<number, number[]> {
  const joins = new Map<number, number[]>();
  for (const policy of removed) for (const subject of compiler.subjects(policy)) joins.set(subject, []);
  added.forEach((policy, index) => {
    for (const subject of compiler.subjects(policy)) {
      const known = joins.get(subject);
      if (known) known.push(index);
      else joins.set(subject, [index]);
    }
  });
  for (const index of touched) joins.delete(index);
  return joins;
}

interface Moves {
  readonly joins: ReadonlyMap<number, readonly number[]>;
  readonly removed: readonly Policy[];
  readonly added: readonly Policy[];
}

/** Classes that leave the same row for the same policies. */
function movedTogether(
  { classes }: GroupingInput,
  old: Rows,
  after: readonly Policy[],
  { joins, removed, added }: Moves,
): readonly Arrival[] {
  const moved = new Map<
    string,
    { readonly from: Row; readonly joins: readonly number[]; readonly members: PodClass[] }
  >();
  for (const [index, own] of joins) {
    const from = old.list[old.of[index] ?? -1];
    const podClass = classes.all[index];
    if (!from || !podClass) continue;
    const key = `${from.index} ${own.join()}`;
    const known = moved.get(key);
    if (known) known.members.push(podClass);
    else moved.set(key, { from, joins: own, members: [podClass] });
  }
  const gone = new Set(removed);
  const arrivals = [...moved.values()].map(({ from, joins: own, members }): Arrival => ({
    classes: members,
    policies: [...from.policies.filter((policy) => !gone.has(policy)), ...own.flatMap((i) => added[i] ?? [])],
    unread: from.unread,
  }));
  // In the order of the list, as far as they are in some row.
  const wanted = new Set(arrivals.flatMap(({ policies }) => policies));
  const place = new Map<Policy, number>();
  if (wanted.size > 0)
    after.forEach((policy, index) => {
      if (wanted.has(policy)) place.set(policy, index);
    });
  return arrivals.map((arrival) => ({
    ...arrival,
    policies: [...arrival.policies].sort((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0)),
  }));
}

/** Classes one by one, each with the policies that select it, in their order. */
function looseClasses(
  input: GroupingInput,
  touched: ReadonlySet<number>,
  policies: readonly Policy[],
  direction: Direction,
): readonly Arrival[] {
  const wanted = [...touched]
    .flatMap((index) => input.classes.all[index] ?? [])
    .filter(({ members }) => members.length > 0);
  if (wanted.length === 0) return [];
  const { inNamespace, anywhere } = byNamespace(policies);
  return wanted.map((podClass) => {
    const places = [...(inNamespace.get(podClass.namespace.name) ?? []), ...anywhere].sort((a, b) => a - b);
    const candidates = places.flatMap((place) => policies[place] ?? []);
    return {
      classes: [podClass],
      policies: candidates.filter((policy) => bearsOn(policy, direction) && input.compiler.selects(policy, podClass)),
      unread: isUnread(input, podClass),
    };
  });
}

/** Places in a list of policies: of those that select in one namespace alone, by its name, and of the others. */
interface ByNamespace {
  readonly inNamespace: ReadonlyMap<string, readonly number[]>;
  readonly anywhere: readonly number[];
}

const INDEXES = new WeakMap<readonly Policy[], ByNamespace>();

/** Where policies may select, looked at once for each list. */
function byNamespace(policies: readonly Policy[]): ByNamespace {
  let index = INDEXES.get(policies);
  if (!index) {
    const inNamespace = new Map<string, number[]>();
    const anywhere: number[] = [];
    policies.forEach(({ subject }, place) => {
      const { namespaces, alternatives } = subject;
      const name = alternatives === undefined && namespaces.kind === 'name' ? namespaces.name : undefined;
      const known = name === undefined ? anywhere : inNamespace.get(name);
      if (known) known.push(place);
      else if (name !== undefined) inNamespace.set(name, [place]);
    });
    INDEXES.set(policies, (index = { inNamespace, anywhere }));
  }
  return index;
}

/** Finds the row with the policies of an arrival, among those that have classes and those that were added. */
function finderOf(rows: readonly Row[], arrivals: readonly Arrival[]) {
  const firsts = new Set(arrivals.map(({ policies }) => policies[0]));
  const names = new Map<Policy, number>();
  const nameOf = (policy: Policy): number => {
    let name = names.get(policy);
    if (name === undefined) names.set(policy, (name = names.size));
    return name;
  };
  const keyOf = ({ policies, unread }: Pick<Arrival, 'policies' | 'unread'>): string =>
    `${policies.map(nameOf).join()}${unread ? '?' : ''}`;
  const known = new Map<string, number>();
  for (const row of rows) if (row.classes.length > 0 && firsts.has(row.policies[0])) known.set(keyOf(row), row.index);
  return {
    find: (arrival: Arrival): number | undefined => known.get(keyOf(arrival)),
    add: (arrival: Arrival, index: number): void => void known.set(keyOf(arrival), index),
  };
}
