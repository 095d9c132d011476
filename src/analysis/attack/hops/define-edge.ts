import type { Because } from '../../../model/because.ts';
import type { ObjectRef } from '../../../model/object.ts';
import type { Action } from './actions.ts';
import type { AttackNode, NodeKind } from '../nodes.ts';
import type { World } from '../world/world.ts';

/** One way from what an intruder holds to what it gives, with all its premises. */
export interface Hop {
  /** What it gives; `all(…)` of a group for every member at once. */
  readonly to: AttackNode;
  /** Further things the intruder must hold; joined by and. */
  readonly and?: readonly AttackNode[];
  /**
   * The objects without which this hop would not be there, all of them. Where another object would do as well,
   * yield another hop: an object is essential when no chain of hops avoids it.
   */
  readonly needs?: readonly ObjectRef[];
  /** The reasons, found when somebody reads the path. */
  readonly because: () => readonly Because[];
  /** Set when the facts leave a premise open (a file mode, a same-uid process, a gap): names it. */
  readonly open?: string;
}

/**
 * A kind of hop, as data plus one pure function. Ids are those of the catalogue in docs/edges. `from` are the node
 * kinds it starts at, and the rights (`create pods/exec`): who holds a right by whatever binding, group or role, is
 * the engine's business. `hops` is asked once for each node or right an intruder comes to hold.
 */
export interface EdgeDefinition {
  readonly id: string;
  readonly title: string;
  /** ATT&CK technique ids. */
  readonly technique: readonly string[];
  /** Ids of Microsoft's threat matrix for Kubernetes. */
  readonly matrix?: readonly string[];
  /** Effort of the hop for an intruder: 1 a command, 2 some work, 4 skill or luck. */
  readonly cost: number;
  readonly from: readonly (NodeKind | Action)[];
  /** Rights it asks for in `and`, or through `pairsHeld`, besides those in `from`. */
  readonly asks?: readonly Action[];
  hops(from: AttackNode, world: World): Iterable<Hop>;
  /** What would take the hop away, for a person. */
  readonly fix: string;
  /** The harmless live check of the hop, for a person. */
  readonly prove: string;
}

export function defineEdge(edge: EdgeDefinition): EdgeDefinition {
  return edge;
}
