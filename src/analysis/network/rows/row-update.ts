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
  /** Classes that are new, or that other policies may select now. */
  readonly moved: ReadonlySet<number>;
  /** Classes that are other objects now, and are selected by the policies they were selected by. */
  readonly renamed: ReadonlySet<number>;
  /** The policies that may select in each namespace of those that moved. */
  readonly selecting: ReadonlyMap<string, readonly Policy[]>;
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
 * move to other rows, and those that the change moved; all else is shared with the rows before, as long as rules mean the
 * same.
 */
export function regroupRows(
  input: GroupingInput,
  old: Rows,
  edit: PolicyEdit,
  direction: Direction,
  { moved, renamed, renewed, selecting }: RowChange,
): Rows {
  const { classes } = input;
  const removed = edit.removed.filter((policy) => bearsOn(policy, direction));
  const added = edit.added.filter((policy) => bearsOn(policy, direction));
  if (removed.length === 0 && added.length === 0 && !renewed) return old;
  const joins = joinsOf(input, removed, added, moved);
  const arrivals = [
    ...movedTogether(input, old, edit.after, { joins, removed, added }),
    ...looseClasses(input, moved, selecting, direction),
  ];

  const list = [...old.list];
  const free: number[] = [];
  const leaving = new Uint8Array(classes.all.length);
  for (const index of joins.keys()) leaving[index] = 1;
  for (const index of moved) leaving[index] = 1;
  for (const index of rowsOf([...joins.keys(), ...moved, ...renamed], old)) {
    const row = list[index];
    if (!row) continue;
    const staying = row.classes.filter((one) => leaving[one.index] === 0);
    list[index] = {
      ...row,
      classes: renamed.size === 0 ? staying : staying.map((one) => classes.all[one.index] ?? one),
    };
    if (staying.length === 0) free.push(index);
  }
  const of = new Int32Array(classes.all.length);
  of.set(old.of);
  const rowFor = finderOf(list, arrivals, () => free.pop());
  for (const [index, own] of Map.groupBy(arrivals, rowFor)) {
    const members = own.flatMap((arrival) => arrival.classes);
    for (const member of members) of[member.index] = index;
    const [first] = own;
    const row = list[index]?.classes.length === 0 ? undefined : list[index];
    const { policies = [], unread = false } = row ?? first ?? {};
    const together = [...(row?.classes ?? []), ...members].sort((a, b) => a.index - b.index);
    list[index] = createRow({ index, classes: together, policies, unread }, input.tiersUnknown);
  }
  return { list, of, body: renewed ? createBodies(direction, input.compiler.rules, input.tiesByName) : old.body };
}

/** The rows that some classes were in. */
function rowsOf(classes: readonly number[], old: Rows): ReadonlySet<number> {
  return new Set(classes.map((index) => old.of[index] ?? -1));
}

/** Which of the added policies select each class that a removed or an added policy selects. */
function joinsOf(
  { compiler }: GroupingInput,
  removed: readonly Policy[],
  added: readonly Policy[],
  moved: ReadonlySet<number>,
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
  for (const index of moved) joins.delete(index);
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
  const place = placesOf(new Set(arrivals.flatMap(({ policies }) => policies)), after);
  return arrivals.map((arrival) => ({
    ...arrival,
    policies: [...arrival.policies].sort((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0)),
  }));
}

/** The places of some policies in a list of all. */
function placesOf(wanted: ReadonlySet<Policy>, all: readonly Policy[]): ReadonlyMap<Policy, number> {
  const places = new Map<Policy, number>();
  for (let place = 0; place < all.length && places.size < wanted.size; place++) {
    const policy = all[place] as Policy;
    if (wanted.has(policy)) places.set(policy, place);
  }
  return places;
}

/** Classes one by one, each with the policies that select it, in their order. */
function looseClasses(
  input: GroupingInput,
  moved: ReadonlySet<number>,
  selecting: RowChange['selecting'],
  direction: Direction,
): readonly Arrival[] {
  return [...moved]
    .flatMap((index) => input.classes.all[index] ?? [])
    .filter(({ members }) => members.length > 0)
    .map((podClass) => ({
      classes: [podClass],
      policies: (selecting.get(podClass.namespace.name) ?? []).filter(
        (policy) => bearsOn(policy, direction) && input.compiler.selects(policy, podClass),
      ),
      unread: isUnread(input, podClass),
    }));
}

/** The policies that may select in each of some namespaces, in their order. O(policies). */
export function policiesIn(names: ReadonlySet<string>, policies: readonly Policy[]): RowChange['selecting'] {
  const found = new Map([...names].map((name): [string, Policy[]] => [name, []]));
  if (names.size === 0) return found;
  for (const policy of policies) {
    const { namespaces, alternatives } = policy.subject;
    if (alternatives === undefined && namespaces.kind === 'name') found.get(namespaces.name)?.push(policy);
    else for (const list of found.values()) list.push(policy);
  }
  return found;
}

/** Finds the row of an arrival: one of the same policies, or a free one, or one behind all others. */
function finderOf(
  rows: readonly Row[],
  arrivals: readonly Arrival[],
  free: () => number | undefined,
): (arrival: Arrival) => number {
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
  let end = rows.length;
  return (arrival) => {
    const key = keyOf(arrival);
    let index = known.get(key);
    if (index === undefined) known.set(key, (index = free() ?? end++));
    return index;
  };
}
