import type { ObjectRef } from '../../../model/object.ts';
import { dominatorsOf } from './dominance.ts';
import type { EdgeDefinition, Hop } from '../hops/define-edge.ts';
import type { AttackNode } from '../nodes.ts';
import { startingAt } from '../hops/hops.ts';
import { Numbering } from './numbering.ts';
import { noting } from '../world/noting.ts';
import { push } from '../world/once.ts';
import { Reads, type Changed, type Rests } from '../world/reads.ts';
import type { World } from '../world/world.ts';

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

/** A graph of the facts before a change, whose hops serve again where the change does not bear on them. */
export interface EarlierGraph {
  readonly graph: AttackGraph;
  readonly changed: Changed;
}

/**
 * The and/or graph of a world, found as it is asked for: the hops of a node are computed once, when somebody first comes to
 * hold it, however many footholds, goals and what-ifs are asked about. Nodes and objects are numbered.
 */
export class AttackGraph {
  readonly #reads = new Reads();
  readonly #world: World;
  readonly #edges: ReadonlyMap<string, readonly EdgeDefinition[]>;
  readonly #numbers: Numbering;
  readonly #arcs: (readonly Arc[] | undefined)[];
  /** Which facts the hops of a node rest on. */
  readonly #rests: (Rests | undefined)[];
  readonly #dominators: (readonly number[] | undefined)[];

  constructor(world: World, edges: readonly EdgeDefinition[], earlier?: EarlierGraph) {
    this.#world = noting(world, this.#reads);
    this.#edges = bySource(edges);
    const { graph, changed } = earlier ?? {};
    this.#numbers = graph ? graph.#numbers : new Numbering();
    this.#dominators = graph ? graph.#dominators : [];
    this.#rests = graph ? graph.#rests.slice() : [];
    this.#arcs = graph ? graph.#arcs.slice() : [];
    if (!changed) return;
    for (let id = 0; id < this.#arcs.length; id++) {
      const rests = this.#rests[id];
      if (rests && changed.bearsOn(rests)) this.#arcs[id] = undefined;
    }
  }

  idOf(node: AttackNode): number {
    return this.#numbers.idOf(node);
  }

  nodeOf(id: number): AttackNode {
    return this.#numbers.nodeOf(id);
  }

  /** How many nodes are numbered so far. */
  get nodes(): number {
    return this.#numbers.nodes;
  }

  /** The hops that start at a node. */
  arcsFrom(id: number): readonly Arc[] {
    let arcs = this.#arcs[id];
    if (!arcs) {
      const node = this.nodeOf(id);
      this.#reads.take();
      arcs = [
        ...this.#arcsAt(node, id),
        ...startingAt(node, this.#world).flatMap((place) => this.#whileStarting(place, id)),
      ];
      this.#rests[id] = this.#reads.take();
      this.#arcs[id] = arcs;
    }
    return arcs;
  }

  #arcsAt(node: AttackNode, id: number): readonly Arc[] {
    // A right of one requester is a premise only: nothing starts there.
    const source = node.kind === 'May' ? (node.by === undefined ? (node.name ?? '') : '') : node.kind;
    return (this.#edges.get(source) ?? []).flatMap((edge) =>
      Array.from(edge.hops(node, this.#world), (hop) => this.#arc(edge, id, hop)),
    );
  }

  /** The hops of who is in a pod from a container of it that may have ended by then. */
  #whileStarting(place: AttackNode, id: number): readonly Arc[] {
    const [, container = ''] = place.name?.split('/') ?? [];
    const why = `container ${container} runs only while its pod starts, and no status says whether it has ended`;
    return this.#arcsAt(place, id).map((arc) => ({ ...arc, open: arc.open ?? why }));
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

  objectId(ref: ObjectRef): number {
    return this.#numbers.objectId(ref);
  }

  objectOf(id: number): ObjectRef {
    return this.#numbers.objectOf(id);
  }

  get size(): { readonly nodes: number; readonly hops: number } {
    return { nodes: this.#numbers.nodes, hops: this.#arcs.reduce((sum, arcs) => sum + (arcs?.length ?? 0), 0) };
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

function bySource(edges: readonly EdgeDefinition[]): ReadonlyMap<string, readonly EdgeDefinition[]> {
  const found = new Map<string, EdgeDefinition[]>();
  for (const edge of edges) for (const source of new Set<string>(edge.from)) push(found, source, edge);
  return found;
}
