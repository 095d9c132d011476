import type { Arc, AttackGraph } from '../graph/graph.ts';
import type { AttackNode } from '../nodes.ts';
import { findPath, type PathAnswer } from './paths.ts';
import type { World } from '../world/world.ts';

/** Searches for one more path before the rest is given up. */
const MOST_SEARCHES = 200;

/**
 * The k cheapest paths, cheapest first, each other in its hops: Lawler's way. Every other path lacks some hop of one found,
 * so the next is the cheapest among those found with one hop of a known path left out. Paths that differ only in the grant
 * that gives a right are one.
 */
export function bestPaths(
  graph: AttackGraph,
  world: World,
  { from, to, most }: { readonly from: AttackNode; readonly to: AttackNode; readonly most: number },
): readonly PathAnswer[] {
  const first = findPath(graph, world, from, to);
  if (first.goal.reachable !== true || most < 2) return [first];
  const found: PathAnswer[] = [];
  const seen = new Set<string>();
  let open: { readonly answer: PathAnswer; readonly banned: ReadonlySet<Arc> }[] = [
    { answer: first, banned: new Set() },
  ];
  for (let searches = 0; open.length > 0 && found.length < most && searches < MOST_SEARCHES;) {
    const next = open.reduce((best, one) => (costOf(one.answer) < costOf(best.answer) ? one : best));
    open = open.filter((one) => one !== next);
    const key = next.answer.edges.map(({ id }) => id).join('\n');
    if (!seen.has(key)) found.push(next.answer);
    seen.add(key);
    for (const arc of next.answer.hops.flatMap(({ arcs }) => arcs)) {
      const banned = new Set([...next.banned, arc]);
      const answer = findPath(graph, world, from, to, (one) => banned.has(one));
      searches++;
      if (answer.goal.reachable === true) open.push({ answer, banned });
    }
  }
  return found;
}

function costOf({ paths }: PathAnswer): number {
  return paths[0]?.cost ?? Infinity;
}
