import type { Snapshot } from '../../../model/snapshot.ts';
import type { Arc } from '../graph/graph.ts';
import type { PathHop } from '../paths/fold.ts';
import type { AttackNode } from '../nodes.ts';
import { findPath, type AttackPath, type PathEdge } from '../paths/paths.ts';
import { openScenes } from '../graph/scenes.ts';
import { isStationEdge } from '../hops/stations.ts';
import { checksOf, hopId, type LiveCheck } from './checks.ts';

/** What was seen where a premise says something. */
export type ProofVerdict = 'proven' | 'refuted' | 'unknown';

export interface Sighting {
  readonly check: LiveCheck['kind'];
  readonly verdict: ProofVerdict;
  readonly says: string;
  /** RFC 3339; absent where nothing was looked at. */
  readonly at?: string;
}

export interface HopProof {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly from: AttackNode;
  readonly to: AttackNode;
  readonly verdict: ProofVerdict;
  readonly seen: readonly Sighting[];
}

/** What `paths prove` answers. */
export interface ProofReport {
  readonly paths: readonly {
    readonly from: AttackNode;
    readonly to: AttackNode;
    /** `proven`: every hop is. `refuted`: every path found had a hop the cluster refutes. `none`: there was no path. */
    readonly verdict: ProofVerdict | 'none';
    /** Ids of the hops of the path that is left; of none when all are refuted. */
    readonly hops: readonly string[];
    /** Sum of the efforts of the hops of that path; absent when there is none. */
    readonly cost?: number;
    /** Objects that every path needs; absent when there is none. */
    readonly essential?: AttackPath['essential'];
  }[];
  /** The hops of those paths with what the facts say of them, each once. */
  readonly edges: readonly PathEdge[];
  /** Every hop looked at, in the order looked at. */
  readonly hops: readonly HopProof[];
  /** Hops the cluster refutes: they left the graph. */
  readonly removed: readonly string[];
}

/** Looks at one premise of a hop on the live cluster. */
export type Look = (check: LiveCheck, hop: PathHop) => Promise<Sighting>;

/** Paths looked at for one pair before the rest is given up as unknown. */
const MOST_PATHS = 50;

/**
 * Checks the hops of the cheapest path on the live cluster, takes those that are refuted out of the graph, and looks for
 * paths again, until one is left whose hops all stand, or none.
 */
export async function provePaths(
  snapshot: Snapshot,
  pairs: readonly { readonly from: AttackNode; readonly to: AttackNode }[],
  look: Look,
): Promise<ProofReport> {
  const scenes = openScenes(snapshot);
  const proofs = new Map<string, HopProof>();
  const removed: string[] = [];
  const paths: ProofReport['paths'][number][] = [];
  const edges = new Map<string, PathEdge>();
  for (const { from, to } of pairs) {
    const { graph, world } = scenes.sceneFor(from, to);
    const banned = new Set<Arc>();
    const prove = async (hop: PathHop): Promise<HopProof> => {
      const id = hopId(hop);
      let proof = proofs.get(id);
      if (!proof) {
        const { edge, open } = hop;
        const looks = await Promise.all(checksOf(hop, world).map((check) => look(check, hop)));
        // What the facts leave open, no look of ours decides.
        const seen: readonly Sighting[] =
          open === undefined ? looks : [...looks, { check: 'none', verdict: 'unknown', says: `not known: ${open}` }];
        proof = { id, kind: edge.id, title: edge.title, from: hop.from, to: hop.to, verdict: together(seen), seen };
        proofs.set(id, proof);
        if (proof.verdict === 'refuted') removed.push(id);
      }
      return proof;
    };
    let left: ProofReport['paths'][number] | undefined;
    for (let tries = 0; !left && tries < MOST_PATHS; tries++) {
      const answer = findPath(graph, world, from, to, banned.size > 0 ? (arc) => banned.has(arc) : undefined);
      if (answer.hops.length === 0) {
        left = {
          from,
          to,
          verdict: answer.goal.reachable === 'unknown' ? 'unknown' : tries > 0 ? 'refuted' : 'none',
          hops: [],
        };
        break;
      }
      const found: HopProof[] = [];
      for (const hop of answer.hops) found.push(await prove(hop));
      const wrong = answer.hops.filter((_, index) => found[index]?.verdict === 'refuted');
      for (const hop of wrong) for (const arc of refutedArcs(hop, proofs.get(hopId(hop)))) banned.add(arc);
      if (wrong.length > 0) continue;
      const { cost = 0, essential = [] } = answer.paths[0] ?? {};
      left = { from, to, verdict: together(found), hops: found.map(({ id }) => id), cost, essential };
      for (const edge of answer.edges) edges.set(edge.id, edge);
    }
    paths.push(left ?? { from, to, verdict: 'unknown', hops: [] });
  }
  return { paths, edges: [...edges.values()], hops: [...proofs.values()], removed };
}

/** Of a hop with a refuted right, the rule that seemed to give it; else the hop itself. */
function refutedArcs(hop: PathHop, proof: HopProof | undefined): readonly Arc[] {
  const byRight = proof?.seen.some(({ check, verdict }) => check === 'review' && verdict === 'refuted') === true;
  const own = hop.arcs.filter(({ edge }) => !isStationEdge(edge));
  const rights = hop.arcs.filter(({ edge }) => edge.id === 'role' || edge.id === 'requester');
  return byRight && rights.length > 0 ? rights : own.length > 0 ? own : hop.arcs;
}

function together(parts: readonly { readonly verdict: ProofVerdict }[]): ProofVerdict {
  if (parts.some(({ verdict }) => verdict === 'refuted')) return 'refuted';
  return parts.length === 0 || parts.some(({ verdict }) => verdict === 'unknown') ? 'unknown' : 'proven';
}
