import type { AttackPath, AttackPaths, PathEdge } from '../../analysis/attack/index.ts';
import { formatNode, type AttackNode } from '../../analysis/attack/nodes.ts';

/** One path with its hops, standing for all that take the same ones from similar footholds. */
export interface PathGroup {
  readonly path: AttackPath;
  readonly hops: readonly PathEdge[];
  /** Footholds whose paths differ in nothing but the names of their own pod and namespace. */
  readonly similar: readonly AttackNode[];
}

/** Paths in the order given, those of similar footholds together: the same kinds of hop to the same places, their own aside. */
export function foldPaths({ paths, edges }: Pick<AttackPaths, 'paths' | 'edges'>): readonly PathGroup[] {
  const byId = new Map(edges.map((edge) => [edge.id, edge]));
  const hopsOf = (path: AttackPath): readonly PathEdge[] => path.edges.flatMap((id) => byId.get(id) ?? []);
  return [...Map.groupBy(paths, (path) => shapeOf(path, hopsOf(path))).values()].flatMap(([path, ...others]) =>
    path ? [{ path, hops: hopsOf(path), similar: others.map(({ from }) => from) }] : [],
  );
}

/** The hops of a path, with the names of its own pod and namespace left out: what it has in common with similar ones. */
function shapeOf({ from, to, cost }: AttackPath, hops: readonly PathEdge[]): string {
  const own = new Set([from.namespace, from.name, from.name?.split('/')[0]]);
  const common = (node: AttackNode): string => {
    const parts = formatNode(node).split(/([/:])/);
    return parts.map((part) => (own.has(part) ? '·' : part)).join('');
  };
  const start = from.namespace === undefined ? formatNode(from) : from.kind;
  return [start, formatNode(to), cost, ...hops.map(({ kind, to: given }) => `${kind} ${common(given)}`)].join('\n');
}
