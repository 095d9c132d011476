import { refId, refOf, type ObjectRef } from '../../../model/object.ts';
import { contentsOf, createSnapshot, type Resource, type Snapshot } from '../../../model/snapshot.ts';
import type { AttackNode } from '../nodes.ts';
import { findPath, type PathAnswer } from './paths.ts';
import { openScenes, type Scenes } from '../graph/scenes.ts';

/** An object that is not the same in two snapshots. */
export interface ObjectChange {
  readonly change: 'added' | 'removed' | 'changed';
  readonly object: { readonly kind: string; readonly namespace?: string; readonly name: string };
  /** Fields that differ, shallowest first; for changed objects. */
  readonly fields?: readonly string[];
}

export interface PathChange {
  readonly change: 'opened' | 'closed';
  readonly from: AttackNode;
  readonly to: AttackNode;
  readonly before: boolean | 'unknown';
  readonly after: boolean | 'unknown';
  /** Ids of the hops of the path that is new, or gone. */
  readonly path: readonly string[];
  /** The changes that did it: each alone when `alone`, else all of them together. */
  readonly by: readonly ObjectChange[];
  readonly alone: boolean;
}

/** With more edits than this, each by itself is not tried: halves are. */
const MOST_TRIED = 100;

interface Edit {
  readonly id: string;
  readonly before?: Resource;
  readonly after?: Resource;
}

/**
 * What a change of the cluster opens and closes, and which objects did it. A cause is found by trying: the edits that
 * open (close) the path by themselves when made to the old state; where none does, a set of edits none of which can be
 * left out (delta debugging, one pass). Edits of objects that bear on no hop of the path are set aside at once.
 */
export function diffPaths(
  old: Snapshot,
  now: Snapshot,
  pairs: readonly { readonly from: AttackNode; readonly to: AttackNode }[],
): readonly PathChange[] {
  const edits = editsBetween(old, now);
  if (edits.length === 0) return [];
  const scenes = { old: openScenes(old), now: openScenes(now) };
  return pairs.flatMap(({ from, to }): readonly PathChange[] => {
    const before = ask(scenes.old, from, to);
    const after = ask(scenes.now, from, to);
    if (before.goal.reachable === after.goal.reachable) return [];
    const opened = rank(after) > rank(before);
    const shown = opened ? after : before;
    const changed = (made: readonly Edit[]): boolean =>
      ask(openScenes(withEdits(old, made)), from, to).goal.reachable === after.goal.reachable;
    const alone = edits.length > MOST_TRIED ? [] : edits.filter((edit) => changed([edit]));
    return [
      {
        change: opened ? 'opened' : 'closed',
        from: shown.paths[0]?.from ?? from,
        to: shown.goal.goal,
        before: before.goal.reachable,
        after: after.goal.reachable,
        path: shown.edges.map(({ id }) => id),
        by: (alone.length > 0 ? alone : together(edits, changed)).map(describe),
        alone: alone.length > 0,
      },
    ];
  });
}

function ask(scenes: Scenes, from: AttackNode, to: AttackNode): PathAnswer {
  const { graph, world } = scenes.sceneFor(from, to);
  return findPath(graph, world, from, to);
}

function rank({ goal: { reachable } }: PathAnswer): number {
  return reachable === true ? 2 : reachable === 'unknown' ? 1 : 0;
}

/** A set of edits that suffices and of which none can be left out: halves first, then one by one. */
function together(edits: readonly Edit[], enough: (made: readonly Edit[]) => boolean): readonly Edit[] {
  let kept = edits;
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < kept.length;) {
      const fewer = [...kept.slice(0, start), ...kept.slice(start + size)];
      if (enough(fewer)) kept = fewer;
      else start += size;
    }
  }
  return kept;
}

function editsBetween(old: Snapshot, now: Snapshot): readonly Edit[] {
  const byId = new Map<string, Edit>();
  for (const before of contentsOf(old).resources) byId.set(idOf(before), { id: idOf(before), before });
  for (const after of contentsOf(now).resources) {
    const id = idOf(after);
    const before = byId.get(id)?.before;
    byId.set(id, { id, ...(before ? { before } : {}), after });
  }
  return [...byId.values()].filter(
    ({ before, after }) => !before || !after || fieldsThatDiffer(before.object, after.object).length > 0,
  );
}

function withEdits(old: Snapshot, edits: readonly Edit[]): Snapshot {
  const byId = new Map(edits.map((edit) => [edit.id, edit]));
  const contents = contentsOf(old);
  const kept = contents.resources.flatMap((resource) => {
    const edit = byId.get(idOf(resource));
    return edit ? (edit.after ?? []) : [resource];
  });
  return createSnapshot({
    ...contents,
    resources: [...kept, ...edits.flatMap(({ before, after }) => (before || !after ? [] : [after]))],
  });
}

function idOf({ object }: Resource): string {
  return refId(refOf(object));
}

function describe({ before, after }: Edit): ObjectChange {
  const resource = after ?? before;
  const { kind = '', namespace, name = '' }: Partial<ObjectRef> = resource ? refOf(resource.object) : {};
  const object = { kind, ...(namespace === undefined ? {} : { namespace }), name };
  if (!before) return { change: 'added', object };
  if (!after) return { change: 'removed', object };
  return { change: 'changed', object, fields: fieldsThatDiffer(before.object, after.object) };
}

/** Fields the API server writes by itself. */
const OWN = new Set([
  'status',
  'metadata.resourceVersion',
  'metadata.generation',
  'metadata.managedFields',
  'metadata.uid',
  'metadata.creationTimestamp',
]);

/** Paths of the fields in which two objects differ: whole lists and values, maps by their keys. */
function fieldsThatDiffer(before: unknown, after: unknown, path = ''): readonly string[] {
  if (OWN.has(path) || before === after) return [];
  if (isMap(before) && isMap(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => fieldsThatDiffer(before[key], after[key], path === '' ? key : `${path}.${key}`));
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [path];
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
