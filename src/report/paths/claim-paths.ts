import { chokePointsOf, type FixSet, type HopProof } from '../../analysis/attack/index.ts';
import type { AttackNode } from '../../analysis/attack/nodes.ts';
import { claimId, type Claim } from '../../claims/claim.ts';
import type { Facts } from '../../claims/facts.ts';
import { footholdsOf, goalsOf } from '../../claims/kinds/attack-path.ts';
import type { Evidence, JudgedClaim } from '../../claims/types.ts';
import { isRecord } from '../../model/json.ts';
import type { ClaimPaths } from '../types.ts';
import type { HopProofs } from './view.ts';

/** Finds what cuts the paths between pairs of foothold and goal. */
export type Fixer = (pairs: readonly { readonly from: AttackNode; readonly to: AttackNode }[]) => FixSet;

/** Paths of the attackPath claims that do not hold, over all footholds and goals of each; none where no path was found. */
export function claimPaths(
  claims: readonly Claim[],
  judged: readonly JudgedClaim[],
  facts: Facts,
  fixer?: Fixer,
): readonly ClaimPaths[] {
  const open = new Set(judged.filter(({ verdict }) => verdict !== 'holds').map(({ claim }) => claim));
  return claims.flatMap((claim): readonly ClaimPaths[] => {
    if (claim.kind !== 'attackPath' || !open.has(claimId(claim))) return [];
    const goals = goalsOf(claim.spec);
    const answers = footholdsOf(facts, claim.spec).flatMap(({ node }) =>
      goals.map((goal) => facts.attack.paths(node, goal)),
    );
    const paths = answers.flatMap((answer) => answer.paths).sort((a, b) => a.cost - b.cost);
    if (paths.length === 0) return [];
    const edges = new Map(answers.flatMap((answer) => answer.edges).map((edge) => [edge.id, edge]));
    const fix = fixer?.(paths.map(({ from, to }) => ({ from, to })));
    return [
      {
        claim: claimId(claim),
        edges: [...edges.values()],
        paths,
        chokePoints: chokePointsOf(paths),
        ...(fix?.outcome === 'fixed' ? { fix } : {}),
      },
    ];
  });
}

/** What a live cluster said of single hops, as evidence on an attackPath claim carries it. */
export function hopProofsOf(evidence: readonly Evidence[]): HopProofs {
  const observations = evidence
    .filter(({ stale }) => stale !== true)
    .flatMap(({ because }) => because.flatMap((reason) => (reason.kind === 'observation' ? [reason.data] : [])));
  return new Map(observations.flatMap((data) => (isHopData(data) ? [[data.hop, data] as const] : [])));
}

type HopData = Pick<HopProof, 'verdict' | 'seen'> & { readonly hop: string };

function isHopData(data: unknown): data is HopData {
  return isRecord(data) && typeof data['hop'] === 'string' && Array.isArray(data['seen']);
}
