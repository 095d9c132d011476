import { becauseOfGap, type Because } from '../../model/because.ts';
import { refId, type ObjectRef } from '../../model/object.ts';
import { closure, proofOf, type AppliedHop, type Derivation } from './closure.ts';
import { EDGES } from './edges/index.ts';
import { canonical, footholdNodes, satisfies } from './goals.ts';
import { formatNode, type AttackNode } from './nodes.ts';
import type { World } from './world.ts';

/** One hop of a path, as `paths` prints it. */
export interface PathEdge {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly from: AttackNode;
  readonly to: AttackNode;
  /** Everything that must hold, as sentences and nodes. */
  readonly premises: readonly string[];
  readonly because: readonly Because[];
  readonly technique: readonly string[];
  /** The premise the facts leave open, if one is. */
  readonly open?: string;
}

export interface AttackPath {
  readonly from: AttackNode;
  readonly to: AttackNode;
  /** Sum of the efforts of its hops. */
  readonly cost: number;
  /** Ids of its edges; each stands after those it rests on. */
  readonly edges: readonly string[];
}

export interface GoalAnswer {
  readonly goal: AttackNode;
  /** `unknown`: only over a premise the facts leave open, or no path, but facts are missing that could give one. */
  readonly reachable: boolean | 'unknown';
  /** Objects every path needs: taking one away takes all paths away. */
  readonly essential: readonly { readonly kind: string; readonly namespace?: string; readonly name: string }[];
  /** Why not, or why it is not known; empty when a path is listed that needs no open premise. */
  readonly because: readonly Because[];
}

export interface PathAnswer {
  readonly edges: readonly PathEdge[];
  readonly paths: readonly AttackPath[];
  readonly goal: GoalAnswer;
  /** The hops of the cheapest path themselves, for proving and fixing. */
  readonly hops: readonly AppliedHop[];
}

/** The kinds whose absence from what was read could hide a path. */
export const ATTACK_READS = [
  'Pod',
  'Node',
  'Namespace',
  'ServiceAccount',
  'Deployment.apps',
  'DaemonSet.apps',
  'StatefulSet.apps',
  'ReplicaSet.apps',
  'Job.batch',
  'CronJob.batch',
  'Role.rbac.authorization.k8s.io',
  'ClusterRole.rbac.authorization.k8s.io',
  'RoleBinding.rbac.authorization.k8s.io',
  'ClusterRoleBinding.rbac.authorization.k8s.io',
  'NetworkPolicy.networking.k8s.io',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'Service',
  '*',
] as const;

/** The cheapest way from one foothold to one goal, or why there is none. */
export function findPath(world: World, from: AttackNode, to: AttackNode): PathAnswer {
  const goal = canonical(to, world);
  const footholds = footholdNodes(from, world);
  const search = (openToo: boolean, without?: (hop: AppliedHop) => boolean): Found | undefined => {
    const held = closure(world, {
      footholds,
      edges: EDGES,
      openToo,
      ...(without ? { without } : {}),
      until: (node) => satisfies(node, goal, world),
    });
    const reached = [...held.values()].find(({ node }) => satisfies(node, goal, world));
    return reached && { held, reached };
  };
  const certain = search(false);
  const found = certain ?? search(true);
  if (!found) return nothing(world, goal);
  const hops = endingIn(proofOf(found.held, found.reached.node), goal);
  const edges = hops.map(edgeOf);
  return {
    edges,
    paths: [{ from: canonical(from, world), to: goal, cost: found.reached.cost, edges: edges.map(({ id }) => id) }],
    goal: {
      goal,
      reachable: certain ? true : 'unknown',
      essential: essential(hops, (object) => search(!certain, (applied) => needs(applied, object)) === undefined),
      because: certain
        ? []
        : hops.flatMap(({ hop }) =>
            hop.open === undefined ? [] : [{ kind: 'parameter', parameter: 'open premise', says: hop.open } as const],
          ),
    },
    hops,
  };
}

/** Ids of the kinds of hop that are open to somebody at a foothold, open premises included. */
export function kindsTaken(world: World, from: AttackNode): readonly string[] {
  const kinds = new Set<string>();
  closure(world, {
    footholds: footholdNodes(from, world),
    edges: EDGES,
    openToo: true,
    without: ({ edge }) => {
      kinds.add(edge.id);
      return false;
    },
  });
  return [...kinds];
}

interface Found {
  readonly held: ReadonlyMap<string, Derivation>;
  readonly reached: Derivation;
}

function nothing(world: World, goal: AttackNode): PathAnswer {
  const gaps = world.gaps(ATTACK_READS);
  return {
    edges: [],
    paths: [],
    hops: [],
    goal: {
      goal,
      reachable: gaps.length > 0 ? 'unknown' : false,
      essential: [],
      because:
        gaps.length > 0
          ? gaps.map(becauseOfGap)
          : [
              {
                kind: 'absence',
                of: 'path',
                says: `no chain of the ${EDGES.length} kinds of hop leads there, whatever their order`,
              },
            ],
    },
  };
}

/** The last hop, written as ending in the goal itself where what it gives implies the goal. */
function endingIn(hops: readonly AppliedHop[], goal: AttackNode): readonly AppliedHop[] {
  return hops.map((applied, index) =>
    index === hops.length - 1 ? { ...applied, hop: { ...applied.hop, to: goal } } : applied,
  );
}

function edgeOf({ edge, from, hop }: AppliedHop): PathEdge {
  return {
    id: `${edge.id} ${formatNode(from)} > ${formatNode(hop.to)}`,
    kind: edge.id,
    title: edge.title,
    from,
    to: hop.to,
    premises: [formatNode(from), ...(hop.and ?? []).map(formatNode), ...hop.because.map(({ says }) => says)],
    because: hop.because,
    technique: edge.technique,
    ...(hop.open === undefined ? {} : { open: hop.open }),
  };
}

function essential(hops: readonly AppliedHop[], gone: (object: ObjectRef) => boolean): GoalAnswer['essential'] {
  const candidates = new Map(hops.flatMap(({ hop }) => hop.needs).map((ref) => [refId(ref), ref]));
  return [...candidates.values()]
    .filter(gone)
    .map(({ kind, namespace, name }) => ({ kind, ...(namespace === undefined ? {} : { namespace }), name }))
    .sort((a, b) => (formatEssential(a) < formatEssential(b) ? -1 : 1));
}

function formatEssential(one: GoalAnswer['essential'][number]): string {
  return `${one.kind} ${one.namespace ?? ''}/${one.name}`;
}

function needs({ hop }: AppliedHop, object: ObjectRef): boolean {
  const id = refId(object);
  return hop.needs.some((ref) => refId(ref) === id);
}
