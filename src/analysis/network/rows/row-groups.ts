import type { Classes, PodClass } from '../classes/classes.ts';
import type { Compiler } from './compiler.ts';
import type { Direction, Policy } from '../policies/policy.ts';
import { createBodies, createRow, type Row, type Rows } from './rows.ts';

export interface GroupingInput {
  readonly classes: Classes;
  readonly compiler: Compiler;
  /** Namespaces with policies that could not be read: their pods count as isolated, so nothing is listed on a guess. */
  readonly maybeIsolated: (namespace: string) => boolean;
  /** A policy of an ordered stage could not be read. */
  readonly tiersUnknown: boolean;
  /** Whether admin policies of one priority are tried by name. */
  readonly tiesByName: boolean;
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
  const rows = new Map<number, Row & { readonly classes: PodClass[] }>();
  const of = new Int32Array(classes.all.length);
  for (const podClass of classes.all) {
    const unread = isUnread(input, podClass);
    const node = nodeOf[podClass.index] ?? 0;
    const key = node * 2 + (unread ? 1 : 0);
    let row = rows.get(key);
    if (!row) {
      const members: PodClass[] = [];
      const draft = { index: rows.size, classes: members, policies: policiesOf(node), unread };
      row = { ...createRow(draft, input.tiersUnknown), classes: members };
      rows.set(key, row);
    }
    row.classes.push(podClass);
    of[podClass.index] = row.index;
  }
  return { list: [...rows.values()], of, body: createBodies(direction, compiler.rules, input.tiesByName) };
}

/** Whether policies of the namespace of a class could not be read. */
export function isUnread({ maybeIsolated }: GroupingInput, { reading, namespace }: PodClass): boolean {
  return reading === 'pod' && maybeIsolated(namespace.name);
}

/** Whether a policy says anything about a direction. */
export function bearsOn(policy: Policy, direction: Direction): boolean {
  return policy.isolates[direction] || policy.rules[direction].length > 0 || policy.invalid;
}
