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
  return numberRows([...drafts.values()], input, direction);
}

/** A row before it has its place; with its body, and its old place, where it was one before. */
export type Draft = RowInput & { readonly body?: RowBody; readonly index?: number };

/** Rows in the order of their first classes, whatever way they came about. */
export function numberRows(drafts: readonly Draft[], input: GroupingInput, direction: Direction): Rows {
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

/** Whether a policy says anything about a direction. */
export function bearsOn(policy: Policy, direction: Direction): boolean {
  return policy.isolates[direction] || policy.rules[direction].length > 0 || policy.invalid;
}
