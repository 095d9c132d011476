import { formatNode, parseNode, type AttackNode } from '../../analysis/attack/nodes.ts';
import type { PathAnswer } from '../../analysis/attack/paths/paths.ts';
import { ATTACK_READS, gapsOf, VULNERABILITY_REPORT, WAYS_IN } from '../../analysis/attack/facts/reads.ts';
import type { Exposure } from '../../analysis/network/index.ts';
import { becauseOfGap, type Because } from '../../model/because.ts';
import { refId } from '../../model/object.ts';
import type { Gap } from '../../model/snapshot.ts';
import type { ClaimOf } from '../claim.ts';
import { namespaceOf, type Facts } from '../facts.ts';
import { every, holds, unknown, vacuous, violated, type Judgement } from '../judgement.ts';
import { defineClaimKind } from '../kind.ts';
import { joined } from '../words.ts';
import { AttackPathSchema, type AttackPathSpec } from '../schema/attack-path.ts';

type AttackPathClaim = ClaimOf<'attackPath'>;

/** Somewhere an intruder may begin; `perhaps` where the facts don't say whether they can. */
export interface Foothold {
  readonly node: AttackNode;
  readonly perhaps: readonly Because[];
}

/** An intruder at A can't get to B, as the attack graph of everything that was read has it. */
export const attackPath = defineClaimKind<'attackPath'>({
  id: 'attackPath',
  title: 'How far an intruder gets',
  schema: AttackPathSchema,
  reads: ATTACK_READS.filter((kind) => kind !== '*'),
  statement,
  judge,
  emptiness: ({ spec }, facts) => {
    const missing = nodesOf(spec).filter((node) => !isThere(facts, node));
    return [
      ...missing.flatMap((node) => vacuous(formatNode(node)).because),
      ...(isExposed(spec) && exposed(facts).length === 0 ? nothingExposed().because : []),
    ];
  },
});

function statement({ spec }: AttackPathClaim): string {
  const to = joined(listOf(spec.to)).replace(/ and ([^,]*)$/, ' or $1');
  const from = isExposed(spec)
    ? 'No workload that the internet reaches'
    : `Nobody who holds ${joined(listOf(spec.from as string | string[])).replace(/ and ([^,]*)$/, ' or $1')}`;
  if (spec.expect === 'none') return isExposed(spec) ? `${from} leads to ${to}.` : `${from} gets to ${to}.`;
  const effort = `for less than an effort of ${spec.expect.atLeast}`;
  return isExposed(spec) ? `${from} leads to ${to} ${effort}.` : `${from} gets to ${to} ${effort}.`;
}

function judge({ spec }: AttackPathClaim, facts: Facts): Judgement {
  const read = isExposed(spec) ? [...ATTACK_READS, ...WAYS_IN] : ATTACK_READS;
  const gaps = [...new Set<Gap>(gapsOf(facts.snapshot, read))].map(becauseOfGap);
  const missing = nodesOf(spec).filter((node) => !isThere(facts, node));
  if (missing.length > 0) return every(missing.map((node) => vacuous(formatNode(node), gaps)));
  const footholds = footholdsOf(facts, spec);
  if (footholds.length === 0) return nothingExposed(gaps);
  const goals = goalsOf(spec);
  return every([
    ...footholds.flatMap((foothold) => goals.map((goal) => judgePath(facts, spec, foothold, goal))),
    ...gaps.map((because) => unknown(because)),
  ]);
}

function judgePath(facts: Facts, { expect }: AttackPathSpec, { node, perhaps }: Foothold, goal: AttackNode): Judgement {
  const answer = facts.attack.path(node, goal);
  const [path] = answer.paths;
  const way = `${formatNode(node)} to ${formatNode(goal)}`;
  if (answer.goal.reachable === false || path === undefined) {
    if (answer.goal.reachable === 'unknown') return unknown(...answer.goal.because);
    const none: Because = { kind: 'absence', of: 'attack path', says: `no chain of known hops leads from ${way}` };
    const unscanned = withoutReports(facts);
    // Who begins outside needs a hole first: while nobody looked for one, that there is none is not known.
    return unscanned.length > 0 && beginsOutside(facts, node) ? unknown(...unscanned, none) : holds(none, ...unscanned);
  }
  if (expect !== 'none' && path.cost >= expect.atLeast) {
    // What the facts leave open may be a shorter way.
    const least = facts.attack.leastEffort(node, goal) ?? path.cost;
    const certain = answer.goal.reachable === true ? 'certain ' : '';
    if (least >= expect.atLeast)
      return holds({ kind: 'rule', source: 'analysis attack', says: `no path from ${way} costs less than ${least}` });
    return unknown({
      kind: 'parameter',
      parameter: 'open premises',
      says: `the cheapest ${certain}path from ${way} costs ${path.cost}; over what the facts leave open one costs ${least}`,
    });
  }
  if (answer.goal.reachable === 'unknown') return unknown(...answer.goal.because, ...hopsOf(answer));
  const says = `from ${way} there is a path of effort ${path.cost} and ${path.edges.length} hops`;
  const summary: Because = { kind: 'rule', source: 'analysis attack', says };
  return perhaps.length > 0 ? unknown(...perhaps, summary) : violated(summary, ...hopsOf(answer));
}

/** Whether the first hop of an intruder is through the program of a container that others can reach. */
function beginsOutside(facts: Facts, { kind }: AttackNode): boolean {
  return kind === 'Reach' || (kind === 'Internet' && publishedWays(facts).length > 0);
}

/** What is not known where no image scanner was heard. */
function withoutReports({ snapshot }: Facts): readonly Because[] {
  if (snapshot.list(VULNERABILITY_REPORT).length > 0) return [];
  const says = 'no report of an image scanner was given, so no image counts as having a hole';
  return [{ kind: 'parameter', parameter: 'image reports', says }];
}

/** The hops in order, each with the field that makes it possible. */
function hopsOf({ edges }: PathAnswer): readonly Because[] {
  return edges.flatMap(({ kind, title, to, because: [first] }): readonly Because[] => {
    const says = `${kind} ${title}: ${formatNode(to)}`;
    return [first ? { ...first, says: `${says}, because ${first.says}` } : { kind: 'rule', source: kind, says }];
  });
}

/** Where the intruder of a claim may begin. */
export function footholdsOf(facts: Facts, spec: AttackPathSpec): readonly Foothold[] {
  if (isExposed(spec)) return exposed(facts);
  return listOf(spec.from as string | string[]).map((written) => ({ node: parseNode(written), perhaps: [] }));
}

/** What the intruder of a claim is after. */
export function goalsOf({ to }: AttackPathSpec): readonly AttackNode[] {
  return listOf(to).map(parseNode);
}

/** A shell in each workload that a way from outside leads to; `perhaps` where only an undecided way does. */
function exposed(facts: Facts): readonly Foothold[] {
  const byWorkload = Map.groupBy(publishedWays(facts), ({ workload }) => refId(workload));
  return [...byWorkload.values()].flatMap((ways): readonly Foothold[] => {
    const [first] = ways;
    if (!first) return [];
    const { name, namespace = 'default' } = first.workload;
    const certain = ways.some(({ verdict }) => verdict === 'allowed');
    const perhaps = certain ? [] : ways.flatMap(({ because }) => because).slice(0, 3);
    return [{ node: { kind: 'Shell', namespace, name }, perhaps }];
  });
}

/**
 * Ways in that somebody opened for others and that no policy closes. A pod on the network of its node is not one of them:
 * nobody published it, and whether the internet reaches the addresses of nodes is not in what was read.
 */
export function publishedWays({ network }: Facts): readonly Exposure[] {
  return network.exposures().filter(({ verdict, via }) => verdict !== 'denied' && via !== 'hostNetwork');
}

function isExposed({ from }: AttackPathSpec): boolean {
  return typeof from === 'object' && !Array.isArray(from);
}

/** The footholds and goals a claim names. */
function nodesOf(spec: AttackPathSpec): readonly AttackNode[] {
  const from = isExposed(spec) ? [] : listOf(spec.from as string | string[]);
  return [...from, ...listOf(spec.to)].map(parseNode);
}

/** Whether a pod or workload that a node names was read; of other nodes there is nothing to find. */
function isThere(facts: Facts, { kind, namespace, name = '' }: AttackNode): boolean {
  // Where nothing runs there is no machine to own.
  if (kind === 'Root' || kind === 'HostRead' || kind === 'NodeIdentity')
    return facts.workloads.length > 0 || facts.snapshot.list('Node').length > 0;
  if (kind !== 'Shell' && kind !== 'Code') return true;
  const [pod] = name.split('/');
  return facts.workloads.some(
    (workload) =>
      namespaceOf(workload) === namespace &&
      (workload.ref.name === pod || workload.pods.some(({ object }) => object.metadata.name === pod)),
  );
}

function nothingExposed(open: readonly Because[] = []): Judgement {
  return vacuous('a workload that the internet reaches', open);
}

function listOf<T>(given: T | readonly T[]): readonly T[] {
  return Array.isArray(given) ? (given as readonly T[]) : [given as T];
}
