import type { AttackPaths, HopProof, PathEdge } from '../../analysis/attack/index.ts';
import { formatNode, type AttackNode } from '../../analysis/attack/nodes.ts';
import { foldPaths, type PathGroup } from './fold-paths.ts';

/** Paths drawn in one picture; more would be read by nobody. All of them are told below the picture. */
const MOST_DRAWN = 12;

/** Choke points listed: the worst, and those that stop at least this share of what the worst stops. */
const MOST_CHOKE_POINTS = 8;
const LEAST_SHARE = 1 / 4;

/** What attack paths are drawn and told from: the nodes of one graph, its hops numbered, choke points first. */
export interface PathView {
  readonly groups: readonly PathGroup[];
  /** Groups at the end of `groups` that are told, but not drawn. */
  readonly notDrawn: number;
  readonly hops: readonly ViewHop[];
  readonly nodes: readonly ViewNode[];
  readonly arcs: readonly ViewArc[];
  /** Footholds, each with a place that belongs to it and is also won on another path. */
  readonly within: readonly { readonly from: string; readonly to: string }[];
  readonly chokePoints: readonly ViewChokePoint[];
  readonly paths: number;
  /** Pairs of foothold and goal that have a path. */
  readonly pairs: number;
}

/** A hop with its number and what is known of it. */
export interface ViewHop {
  /** From 1, in the order in which paths take them, the cheapest path first. */
  readonly number: number;
  readonly edge: PathEdge;
  /** It rests on an object without which no path, or most of them, is left. */
  readonly choke: boolean;
  /** What a live cluster says of it, where it was asked. */
  readonly proof?: Pick<HopProof, 'verdict' | 'seen'>;
}

/** A box of the picture. */
export interface ViewNode {
  /** As `formatNode` writes it. */
  readonly id: string;
  readonly node: AttackNode;
  readonly role: 'foothold' | 'goal' | 'step';
  /** Footholds that are like this one and not drawn. */
  readonly similar: number;
}

/** A hop as it is drawn: all it starts from is needed at once. */
export interface ViewArc {
  readonly hop: ViewHop;
  /** Ids of nodes: where it is taken from. One, unless footholds that are alike stand for the same place. */
  readonly from: readonly string[];
  /** Ids of nodes that must be held besides. */
  readonly also: readonly string[];
  readonly to: string;
}

/** An object without which several paths are gone. */
export interface ViewChokePoint {
  readonly object: AttackPaths['chokePoints'][number]['object'];
  /** Of `PathView.pairs`, how many have no path without it. */
  readonly stops: number;
  /** Numbers of the hops that rest on it. */
  readonly hops: readonly number[];
}

/** What a live cluster said of hops, by their id. */
export type HopProofs = ReadonlyMap<string, Pick<HopProof, 'verdict' | 'seen'>>;

/** The view of an answer; with what `paths prove` saw, where it was asked. */
export function viewOf(answer: Pick<AttackPaths, 'paths' | 'edges' | 'chokePoints'>, proofs?: HopProofs): PathView {
  const groups = foldPaths(answer);
  const drawn = groups.slice(0, MOST_DRAWN);
  const most = answer.chokePoints[0]?.stops ?? 0;
  const pairs = new Set(answer.paths.map(({ from, to }) => `${formatNode(from)}\n${formatNode(to)}`)).size;
  // What only one of several footholds needs is that foothold.
  const least = Math.max(most * LEAST_SHARE, pairs > 1 ? 2 : 1);
  const worst = answer.chokePoints.filter(({ stops }) => stops >= least);
  const main = worst.filter(({ stops }) => stops === most).map(({ object }) => nameOf(object));
  const hops = numbered(groups).map((edge, index): ViewHop => {
    const proof = proofs?.get(edge.id);
    const choke = restsOn(edge).some((name) => main.includes(name));
    return { number: index + 1, edge, choke, ...(proof ? { proof } : {}) };
  });
  const graph = graphOf(drawn, new Map(hops.map((hop) => [hop.edge.id, hop])));
  return {
    groups,
    notDrawn: groups.length - drawn.length,
    hops,
    ...graph,
    chokePoints: worst.slice(0, MOST_CHOKE_POINTS).map(({ object, stops }) => ({
      object,
      stops,
      hops: hops.filter(({ edge }) => restsOn(edge).includes(nameOf(object))).map(({ number }) => number),
    })),
    paths: answer.paths.length,
    pairs,
  };
}

/** `Role ci/runner`. */
export function nameOf({ kind, namespace, name }: ViewChokePoint['object']): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

/** Names of the objects a hop rests on: those it needs, and those its reasons point to, such as the policy that lets it through. */
function restsOn({ needs, because }: PathEdge): readonly string[] {
  const pointedTo = because.flatMap((reason) => (reason.kind === 'field' ? [reason.object] : []));
  return [...needs, ...pointedTo].map(nameOf);
}

/** What choke points are, above their list. */
export function chokePointsTitle({ paths }: PathView): string {
  return paths === 1
    ? 'Choke points: without any one of these the path is gone'
    : 'Choke points: without one, so many of these paths are gone';
}

/** What a choke point is worth, in words. */
export function stopsInWords({ stops }: ViewChokePoint, { paths, pairs }: PathView): string {
  if (paths === 1) return 'the path needs it';
  return stops === pairs ? 'every path needs it' : `needed for ${stops} of ${pairs} pairs of foothold and goal`;
}

function numbered(groups: readonly PathGroup[]): readonly PathEdge[] {
  return [...new Map(groups.flatMap(({ hops }) => hops).map((edge) => [edge.id, edge])).values()];
}

/** One graph of several paths. What somebody at a foothold holds from the start is the foothold itself, unless it is also won on the way. */
function graphOf(
  groups: readonly PathGroup[],
  hopOf: ReadonlyMap<string, ViewHop>,
): Pick<PathView, 'nodes' | 'arcs' | 'within'> {
  const won = new Set(groups.flatMap(({ hops }) => hops.map(({ to }) => formatNode(to))));
  const nodes = new Map<string, ViewNode>();
  const arcs = new Map<string, { hop: ViewHop; from: Set<string>; also: Set<string>; to: string }>();
  const within = new Map<string, { from: string; to: string }>();
  const add = (node: AttackNode, role: ViewNode['role'], similar = 0): string => {
    const id = formatNode(node);
    const known = nodes.get(id);
    if (!known || (known.role === 'step' && role !== 'step'))
      nodes.set(id, { id, node, role, similar: Math.max(similar, known?.similar ?? 0) });
    return id;
  };
  for (const { path, hops, similar } of groups) {
    const start = add(path.from, 'foothold', similar.length);
    const mine = new Set(hops.map(({ to }) => formatNode(to)));
    for (const edge of hops) {
      const hop = hopOf.get(edge.id);
      if (!hop) continue;
      const to = add(edge.to, formatNode(edge.to) === formatNode(path.to) ? 'goal' : 'step');
      const from = won.has(formatNode(edge.from)) ? add(edge.from, 'step') : start;
      if (from !== start && !mine.has(from)) within.set(`${start} ${from}`, { from: start, to: from });
      const arc = arcs.get(edge.id) ?? { hop, from: new Set(), also: new Set(), to };
      arc.from.add(from);
      for (const premise of edge.premises) if (mine.has(premise) && premise !== from) arc.also.add(premise);
      arcs.set(edge.id, arc);
    }
  }
  return {
    nodes: [...nodes.values()],
    arcs: [...arcs.values()].map(({ hop, from, also, to }) => ({ hop, from: [...from], also: [...also], to })),
    within: [...within.values()],
  };
}
