import type { AttackPath, AttackPaths, PathEdge } from '../../analysis/attack/index.ts';
import { formatNode, type AttackNode } from '../../analysis/attack/nodes.ts';

/** One path with its hops, standing for all that take the same ones from similar footholds. */
export interface PathGroup {
  readonly path: AttackPath;
  readonly hops: readonly PathEdge[];
  /** Footholds whose paths differ in nothing but the names of their own pod. */
  readonly similar: readonly AttackNode[];
}

/** Paths in the order given, those of similar footholds together: same kinds of hop, and the same nodes after the first pod. */
export function foldPaths({ paths, edges }: Pick<AttackPaths, 'paths' | 'edges'>): readonly PathGroup[] {
  const byId = new Map(edges.map((edge) => [edge.id, edge]));
  const hopsOf = (path: AttackPath): readonly PathEdge[] => path.edges.flatMap((id) => byId.get(id) ?? []);
  return [...Map.groupBy(paths, (path) => shapeOf(path, hopsOf(path))).values()].flatMap(([path, ...others]) =>
    path ? [{ path, hops: hopsOf(path), similar: others.map(({ from }) => from) }] : [],
  );
}

function shapeOf({ from, to, cost }: AttackPath, hops: readonly PathEdge[]): string {
  const own = new Set([from.name, from.name?.split('/')[0]]);
  const taken = hops.map(({ kind, to: given }) =>
    own.has(given.name?.split(/[/:]/)[0]) ? kind : `${kind} ${formatNode(given)}`,
  );
  const place = from.kind === 'Internet' ? '' : (from.namespace ?? '');
  return [from.kind, place, formatNode(to), cost, ...taken].join('\n');
}
