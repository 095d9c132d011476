import type { Closure } from '../graph/closure.ts';
import type { AttackGraph } from '../graph/graph.ts';
import { formatNode, isStation, type AttackNode } from '../nodes.ts';
import { isStationEdge } from '../hops/stations.ts';
import { shown } from './fold.ts';

/** Why there is no path: all that is held from the foothold, and the hops that lack one premise. */
export interface Certificate {
  /** How many nodes of each kind somebody at the foothold comes to hold; no hop leads out of them. */
  readonly holds: Readonly<Record<string, number>>;
  /** Hops that start there and wait for something that is never held; the first few. */
  readonly blocked: readonly { readonly edge: string; readonly gives: string; readonly lacks: string }[];
}

const MOST_BLOCKED = 5;

export function certificateOf(graph: AttackGraph, { held, waiting }: Closure): Certificate {
  const nodes = [...held.keys()].map((id) => graph.nodeOf(id)).filter((node) => !isStation(node));
  const distinct = new Map(nodes.map(shown).map((node) => [formatNode(node), node])).values();
  const counts = [...Map.groupBy(distinct, ({ kind }) => kind)].map(([kind, some]) => [kind, some.length] as const);
  const lacking = [...waiting]
    .flatMap(([premise, hops]) => hops.map(({ arc }) => ({ premise, arc })))
    .filter(({ arc }) => !isStationEdge(arc.edge))
    .map(({ premise, arc }) => ({
      edge: `${arc.edge.id} ${arc.edge.title}`,
      gives: inWords(graph.nodeOf(arc.to)),
      lacks: inWords(graph.nodeOf(premise)),
    }));
  const blocked = [...new Map(lacking.map((one) => [one.edge, one])).values()].slice(0, MOST_BLOCKED);
  return { holds: Object.fromEntries(counts.toSorted(([a], [b]) => (a < b ? -1 : 1))), blocked };
}

/** A node as a person would say it, stations too. */
function inWords(node: AttackNode): string {
  const where = node.namespace === undefined ? '' : ` in ${node.namespace}`;
  if (node.kind === 'May') return `the right to ${node.name ?? ''}${where}`;
  return node.kind === 'All' ? `every ${node.name ?? ''}${where}` : formatNode(node);
}
