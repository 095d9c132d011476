import type { Because } from '../../../model/because.ts';
import type { EdgeDefinition } from '../hops/define-edge.ts';
import type { Arc, AttackGraph } from '../graph/graph.ts';
import { isStation, node as nodeOf, type AttackNode } from '../nodes.ts';
import { isStationEdge } from '../hops/stations.ts';

/** A hop between nodes a person knows: one edge with the stations before and behind it folded in. */
export interface PathHop {
  readonly edge: EdgeDefinition;
  readonly from: AttackNode;
  readonly to: AttackNode;
  /** What else must be held. */
  readonly and: readonly AttackNode[];
  /** The rights the hop uses, each with who has it. */
  readonly rights: readonly { readonly holder: AttackNode; readonly right: AttackNode }[];
  /** Numbers of the objects it needs. */
  readonly needs: readonly number[];
  readonly because: readonly Because[];
  readonly open?: string;
  readonly arcs: readonly Arc[];
}

/**
 * Folds the stations of a proof away: every hop then starts and ends at nodes of the catalogue. A kind of hop whose result is a
 * station, such as a role one binds to oneself, is a hop of its own that ends where it started.
 */
export function foldStations(graph: AttackGraph, proof: readonly Arc[]): readonly PathHop[] {
  const giving = new Map(proof.map((arc) => [arc.to, arc]));
  // A proof may end in a group all of whose members are the goal.
  const shown = proof.filter((arc, index) => index === proof.length - 1 || !isStation(graph.nodeOf(arc.to)));
  const hops = new Map<Arc, PathHop>();
  for (const arc of shown) {
    const { hop, earlier } = folded(graph, giving, arc);
    hops.set(arc, hop);
    for (const one of earlier) if (!shown.includes(one)) shown.push(one);
  }
  return proof.flatMap((arc) => hops.get(arc) ?? []);
}

/** The node as a person knows it: on which node the pods of a workload are meant, and which files of a node, is the engine's business. */
export function shown(found: AttackNode): AttackNode {
  const { kind, name, namespace, object } = found;
  return object !== undefined && ['Shell', 'Code', 'HostRead'].includes(kind) ? nodeOf(kind, name, namespace) : found;
}

interface Folded {
  readonly hop: PathHop;
  /** Hops of other kinds before it that end in a station. */
  readonly earlier: readonly Arc[];
}

/** Who stands at the start of what a node rests on, and whether a hop of its own made him what he is. */
interface Holder {
  readonly node: AttackNode;
  readonly gained: boolean;
}

function folded(graph: AttackGraph, giving: ReadonlyMap<number, Arc>, last: Arc): Folded {
  const arcs: Arc[] = [];
  const seen = new Set<number>();
  const premises: AttackNode[] = [];
  const rights: { holder: AttackNode; right: AttackNode }[] = [];
  const earlier: Arc[] = [];
  let edge = isStationEdge(last.edge) ? undefined : last.edge;
  const premise = (id: number): AttackNode => {
    const here = shown(graph.nodeOf(id));
    premises.push(here);
    return here;
  };
  /** Returns the first node of the catalogue that the arc rests on. */
  const collect = (arc: Arc): Holder => {
    const starts = [arc.from, ...arc.and].map((id): Holder => {
      const node = graph.nodeOf(id);
      const before = isStation(node) ? giving.get(id) : undefined;
      if (!before) return { node: premise(id), gained: false };
      if (seen.has(id)) return { node, gained: false };
      seen.add(id);
      if (!isStationEdge(before.edge)) {
        edge ??= before.edge;
        if (before.edge !== edge) {
          earlier.push(before);
          return { node: premise(startOf(graph, giving, before)), gained: true };
        }
      }
      const holder = collect(before);
      if (node.kind === 'May' && !holder.gained) rights.push({ holder: holder.node, right: node });
      return holder;
    });
    arcs.push(arc);
    return starts[0] ?? { node: graph.nodeOf(arc.from), gained: false };
  };
  const { node: from } = collect(last);
  const to = graph.nodeOf(last.to);
  const open = arcs.find(({ open }) => open !== undefined)?.open;
  const hop: PathHop = {
    edge: edge ?? last.edge,
    from,
    to: endsInRole(to) ? from : shown(to),
    and: premises.filter((node, index) => node !== from && premises.indexOf(node) === index),
    rights,
    needs: [...new Set(arcs.flatMap(({ needs }) => needs))],
    because: arcs.flatMap(({ because }) => because()),
    ...(open === undefined ? {} : { open }),
    arcs,
  };
  return { hop, earlier };
}

/** A role, or all of some: whoever gets them goes on as who he is. */
function endsInRole({ kind, name }: AttackNode): boolean {
  return kind === 'Role' || (kind === 'All' && /Role/.test(name ?? ''));
}

/** The node of the catalogue that a hop starts from. */
function startOf(graph: AttackGraph, giving: ReadonlyMap<number, Arc>, { from }: Arc): number {
  const before = isStation(graph.nodeOf(from)) ? giving.get(from) : undefined;
  return before ? startOf(graph, giving, before) : from;
}
