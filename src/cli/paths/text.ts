import type { AttackPath, AttackPaths, PathEdge } from '../../analysis/attack/index.ts';
import { formatNode } from '../../analysis/attack/nodes.ts';

/** Choke points shown. */
const MOST_CHOKE_POINTS = 5;

/** Names of similar footholds written out. */
const MOST_NAMES = 3;

/** Paths and verdicts as a person follows them: choke points first, then what is held, by which hop, because of what. */
export function formatPaths({ paths, edges, goals, chokePoints, coverage }: AttackPaths): string {
  const byId = new Map(edges.map((edge) => [edge.id, edge]));
  const lines: string[] = [];
  if (paths.length > 1 && chokePoints.length > 0) {
    lines.push('Choke points: without it so many of the paths below are gone');
    for (const { object, stops } of chokePoints.slice(0, MOST_CHOKE_POINTS))
      lines.push(`  ${String(stops).padStart(4)}  ${nameOf(object)}`);
    lines.push('');
  }
  for (const [first, ...similar] of folded(paths, byId)) {
    if (!first) continue;
    lines.push(`${formatNode(first.from)} -> ${formatNode(first.to)}   effort ${first.cost}`);
    if (similar.length > 0) lines.push(`  and ${similar.length} similar: ${namesOf(similar)}`);
    first.edges.forEach((id, index) => {
      const edge = byId.get(id);
      if (edge) lines.push(...formatHop(edge, index + 1));
    });
    lines.push('');
  }
  for (const { goal, reachable, essential, because } of goals) {
    const verdict = reachable === true ? 'reachable' : reachable === false ? 'not reachable' : 'unknown';
    lines.push(`${formatNode(goal)}: ${verdict}`);
    if (essential.length > 0) lines.push(`  every path needs ${essential.map(nameOf).join(', ')}`);
    if (reachable !== true) for (const { says } of because) lines.push(`  because ${says}`);
  }
  if (coverage.notTried > 0)
    lines.push('', `${coverage.notTried} more footholds were not tried: name one with --from.`);
  if (coverage.absent.length > 0)
    lines.push('', `Not in this source, so taken as absent: ${coverage.absent.join('; ')}.`);
  return `${lines.join('\n')}\n`;
}

function formatHop(edge: PathEdge, number: number): readonly string[] {
  return [
    `  ${number}. ${formatNode(edge.to)}   ${edge.kind} ${edge.title}`,
    ...edge.because.map(({ says }) => `       because ${says}`),
    ...(edge.open === undefined ? [] : [`       not known: ${edge.open}`]),
  ];
}

/** Paths that take the same kinds of hop and meet after the first steps in the pod go together. */
function folded(paths: readonly AttackPath[], byId: ReadonlyMap<string, PathEdge>): readonly (readonly AttackPath[])[] {
  const shapeOf = ({ from, to, cost, edges }: AttackPath): string => {
    const own = new Set([from.name, from.name?.split('/')[0]]);
    const hops = edges.map((id) => {
      const edge = byId.get(id);
      return edge && !own.has(edge.to.name?.split(/[/:]/)[0])
        ? `${edge.kind} ${formatNode(edge.to)}`
        : (edge?.kind ?? id);
    });
    return [from.kind, from.kind === 'Internet' ? '' : (from.namespace ?? ''), formatNode(to), cost, ...hops].join(
      '\n',
    );
  };
  return [...Map.groupBy(paths, shapeOf).values()];
}

function namesOf(paths: readonly AttackPath[]): string {
  const names = paths.slice(0, MOST_NAMES).map(({ from }) => formatNode(from));
  return `${names.join(', ')}${paths.length > names.length ? ', …' : ''}`;
}

function nameOf({ kind, namespace, name }: AttackPaths['goals'][number]['essential'][number]): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}
