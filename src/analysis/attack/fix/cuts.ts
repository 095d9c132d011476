import { contentsOf, createSnapshot, type Snapshot } from '../../../model/snapshot.ts';
import { kindKey, refId, refOf, type ObjectRef } from '../../../model/object.ts';
import type { Arc } from '../graph/graph.ts';
import type { OneChange } from '../after/one-change.ts';
import { scenesAfter, type Scene, type Scenes } from '../graph/scenes.ts';
import type { Change } from './change.ts';
import { changesOf } from './changes.ts';

/** The snapshot as it would be after changes; made in the order given. */
export function withChanges(snapshot: Snapshot, changes: readonly Change[]): Snapshot {
  const byObject = Map.groupBy(changes, ({ object }) => refId(object));
  const contents = contentsOf(snapshot);
  const made = changes.flatMap((change) => (change.made ? [{ object: change.made }] : []));
  return createSnapshot({
    ...contents,
    resources: [...contents.resources, ...made].flatMap((resource) => {
      const { object } = resource;
      const own = byObject.get(refId(refOf(object)));
      if (!own) return [resource];
      const after = own.reduce<typeof object | undefined>((done, { apply }) => done && apply(done), object);
      return after ? [{ ...resource, object: after }] : [];
    }),
  });
}

/** Changes of other objects than grants that are made one after the other; of more, all facts are gathered anew. */
const MOST_IN_A_ROW = 20;

/** The scenes as they would be after changes, from those before. */
export function scenesWith(before: Scenes, changes: readonly Change[]): Scenes {
  const edits = [...Map.groupBy(changes, ({ object }) => refId(object)).values()].flatMap(
    (own): readonly OneChange[] => {
      const [first] = own;
      if (!first) return [];
      const { kind, apiVersion, namespace, name } = first.object;
      const object = before.facts.snapshot.get(kindKey(apiVersion, kind), namespace, name)?.object;
      const after = first.made ?? own.reduce<typeof object>((done, { apply }) => done && apply(done), object);
      return [{ ...(object ? { before: object } : {}), ...(after ? { after } : {}) }];
    },
  );
  const ofGrants = edits.filter(({ before: was, after }) => (after ?? was)?.apiVersion.startsWith('rbac.') === true);
  const others = edits.filter((edit) => !ofGrants.includes(edit));
  const granted = ofGrants.length === 0 ? before : scenesAfter(before, ...ofGrants);
  if (others.length > MOST_IN_A_ROW) return scenesAfter(granted, ...others);
  return others.reduce((scenes, edit) => scenesAfter(scenes, edit), granted);
}

/**
 * Which changes take which hops of a scene away. What the reasons say of grants is exact. A field of a pod, or a rule of a
 * policy, may be one of several that open the same way: there the hop is asked for again with the field changed.
 */
export function cutsIn(scenes: Scenes, { graph, world, asked }: Scene): (arc: Arc) => readonly Change[] {
  const known = new WeakMap<Arc, readonly Change[]>();
  const changed = new Map<string, Scene>();
  const tried = (change: Change): Scene => {
    let scene = changed.get(change.id);
    if (!scene) {
      changed.set(change.id, (scene = scenesWith(scenes, [change]).sceneFor(...asked)));
    }
    return scene;
  };
  const stays = (arc: Arc, change: Change): boolean => {
    const scene = tried(change);
    const from = scene.graph.idOf(graph.nodeOf(arc.from));
    const to = scene.graph.idOf(graph.nodeOf(arc.to));
    return scene.graph.arcsFrom(from).some((other) => other.edge === arc.edge && other.to === to);
  };
  /** Changes of a pod, beyond those its own reason points to, that take a hop from inside it away. */
  const ofPod = (arc: Arc): readonly Change[] =>
    graph
      .arcsFrom(arc.from)
      .flatMap((other) => changesOf(other, graph, world).filter(({ object }) => isPodField(object)));
  return (arc) => {
    let cuts = known.get(arc);
    if (!cuts) {
      const inPod = /^(B|H7|I1)/.test(arc.edge.id);
      const candidates = [...changesOf(arc, graph, world), ...(inPod ? ofPod(arc) : [])];
      cuts = [...new Map(candidates.map((change) => [change.id, change])).values()].filter(
        (change) => !(inPod || change.object.kind === 'NetworkPolicy') || !stays(arc, change),
      );
      known.set(arc, cuts);
    }
    return cuts;
  };
}

function isPodField({ apiVersion, kind }: ObjectRef): boolean {
  return /^(Pod|ReplicationController|.*\.(apps|batch))$/.test(kindKey(apiVersion, kind));
}
