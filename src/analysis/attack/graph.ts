import { refId, type ObjectRef } from '../../model/object.ts';
import { dominatorsOf } from './dominance.ts';
import type { EdgeDefinition, Hop } from './define-edge.ts';
import { formatNode, type AttackNode } from './nodes.ts';
import type { World } from './world/world.ts';

/** One hop between numbered nodes, as the closure works with it. */
export interface Arc {
  readonly edge: EdgeDefinition;
  readonly from: number;
  readonly to: number;
  readonly and: readonly number[];
  /** Numbers of the objects it needs. */
  readonly needs: readonly number[];
  readonly because: Hop['because'];
  readonly open: string | undefined;
}

/**
 * The and/or graph of a world, found as it is asked for: the hops of a node are computed once, when somebody first comes to
 * hold it, however many footholds, goals and what-ifs are asked about. Nodes and objects are numbered.
 */
export class AttackGraph {
  readonly #world: World;
  readonly #edges: ReadonlyMap<string, readonly EdgeDefinition[]>;
  readonly #ids = new Map<string, number>();
  readonly #nodes: AttackNode[] = [];
  readonly #arcs: (readonly Arc[] | undefined)[] = [];
  readonly #dominators: (readonly number[] | undefined)[] = [];
  readonly #objectIds = new Map<string, number>();
  readonly #objectOf = new WeakMap<ObjectRef, number>();
  readonly #objects: ObjectRef[] = [];

  constructor(world: World, edges: readonly EdgeDefinition[]) {
    this.#world = world;
    const bySource = new Map<string, EdgeDefinition[]>();
    for (const edge of edges) {
      for (const source of new Set(edge.from)) {
        const known = bySource.get(source);
        if (known) known.push(edge);
        else bySource.set(source, [edge]);
      }
    }
    this.#edges = bySource;
  }

  idOf(node: AttackNode): number {
    const written = formatNode(node);
    const known = this.#ids.get(written);
    if (known !== undefined) return known;
    this.#ids.set(written, this.#nodes.length);
    return this.#nodes.push(node) - 1;
  }

  nodeOf(id: number): AttackNode {
    const node = this.#nodes[id];
    if (!node) throw new RangeError(`no node ${id}`);
    return node;
  }

  /** The hops that start at a node. */
  arcsFrom(id: number): readonly Arc[] {
    let arcs = this.#arcs[id];
    if (!arcs) {
      const node = this.nodeOf(id);
      // A right of one requester is a premise only: nothing starts there.
      const source = node.kind === 'May' ? (node.by === undefined ? (node.name ?? '') : '') : node.kind;
      arcs = (this.#edges.get(source) ?? []).flatMap((edge) =>
        Array.from(edge.hops(node, this.#world), (hop) => this.#arc(edge, id, hop)),
      );
      this.#arcs[id] = arcs;
    }
    return arcs;
  }

  /** Numbers of the nodes that give at least what this one gives. */
  dominatorsOf(id: number): readonly number[] {
    let dominators = this.#dominators[id];
    if (!dominators) {
      const found = dominatorsOf(this.nodeOf(id));
      dominators = found.length === 0 ? NONE : found.map((node) => this.idOf(node));
      this.#dominators[id] = dominators;
    }
    return dominators;
  }

  /** The number of an object that hops need. */
  objectId(ref: ObjectRef): number {
    let id = this.#objectOf.get(ref);
    if (id === undefined) {
      const written = refId(ref);
      id = this.#objectIds.get(written);
      if (id === undefined) {
        id = this.#objects.push(ref) - 1;
        this.#objectIds.set(written, id);
      }
      this.#objectOf.set(ref, id);
    }
    return id;
  }

  objectOf(id: number): ObjectRef {
    const ref = this.#objects[id];
    if (!ref) throw new RangeError(`no object ${id}`);
    return ref;
  }

  get size(): { readonly nodes: number; readonly hops: number } {
    return { nodes: this.#nodes.length, hops: this.#arcs.reduce((sum, arcs) => sum + (arcs?.length ?? 0), 0) };
  }

  #arc(edge: EdgeDefinition, from: number, hop: Hop): Arc {
    return {
      edge,
      from,
      to: this.idOf(hop.to),
      and: hop.and ? [...new Set(hop.and.map((node) => this.idOf(node)))] : NONE,
      needs: hop.needs ? hop.needs.map((ref) => this.objectId(ref)) : NONE,
      because: hop.because,
      open: hop.open,
    };
  }
}

const NONE: readonly number[] = [];
