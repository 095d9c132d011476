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

/** Folds the stations of a proof away: every hop then starts and ends at nodes of the catalogue. */
export function foldStations(graph: AttackGraph, proof: readonly Arc[]): readonly PathHop[] {
  const giving = new Map(proof.map((arc) => [arc.to, arc]));
  // A proof may end in a group all of whose members are the goal.
  const shown = proof.filter((arc, index) => index === proof.length - 1 || !isStation(graph.nodeOf(arc.to)));
  return shown.map((arc) => folded(graph, giving, arc));
}

/** On which node the pods of a workload are meant, and which files of a node, is the engine's business. */
function shown(found: AttackNode): AttackNode {
  const { kind, name, namespace, object } = found;
  return object !== undefined && ['Shell', 'Code', 'HostRead'].includes(kind) ? nodeOf(kind, name, namespace) : found;
}

function folded(graph: AttackGraph, giving: ReadonlyMap<number, Arc>, last: Arc): PathHop {
  const arcs: Arc[] = [];
  const seen = new Set<number>();
  const premises: AttackNode[] = [];
  const rights: { holder: AttackNode; right: AttackNode }[] = [];
  /** Returns the first node of the catalogue that the arc rests on. */
  const collect = (arc: Arc): AttackNode => {
    const starts = [arc.from, ...arc.and].map((id): AttackNode => {
      const node = graph.nodeOf(id);
      const before = isStation(node) ? giving.get(id) : undefined;
      if (!before) {
        const here = shown(node);
        premises.push(here);
        return here;
      }
      if (seen.has(id)) return node;
      seen.add(id);
      const holder = collect(before);
      if (node.kind === 'May') rights.push({ holder, right: node });
      return holder;
    });
    arcs.push(arc);
    return starts[0] ?? graph.nodeOf(arc.from);
  };
  const from = collect(last);
  const edge = arcs.findLast((arc) => !isStationEdge(arc.edge))?.edge ?? last.edge;
  const open = arcs.find(({ open }) => open !== undefined)?.open;
  return {
    edge,
    from,
    to: shown(graph.nodeOf(last.to)),
    and: premises.filter((node, index) => node !== from && premises.indexOf(node) === index),
    rights,
    needs: [...new Set(arcs.flatMap(({ needs }) => needs))],
    because: distinct(arcs.flatMap(({ because }) => because())),
    ...(open === undefined ? {} : { open }),
    arcs,
  };
}

/** Two rights may come from one rule, which is said once. */
function distinct(because: readonly Because[]): readonly Because[] {
  return [...new Map(because.map((one) => [JSON.stringify(one), one])).values()];
}
