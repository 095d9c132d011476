import { chokePointsOf, type AttackPath, type ProofReport } from '../../analysis/attack/index.ts';
import { formatNode } from '../../analysis/attack/nodes.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { PathsReport } from './paths-report.ts';
import { viewOf } from './view.ts';
import { proofInWords } from './words.ts';

/** What `paths prove` saw, ready for the formats of `paths`: the paths that are left, each hop with what was seen of it. */
export function proofReport(
  { paths, edges, hops, removed }: ProofReport,
  { source, coverage }: Pick<Snapshot, 'source' | 'coverage'>,
): PathsReport {
  const byId = new Map(hops.map((hop) => [hop.id, hop]));
  const left = paths
    .filter(({ hops: ids }) => ids.length > 0)
    .map(({ from, to, hops: ids, cost = 0, essential = [] }): AttackPath => ({
      from,
      to,
      cost,
      edges: ids,
      essential,
    }));
  const answer = {
    edges,
    paths: left,
    goals: [],
    chokePoints: chokePointsOf(left),
    coverage: { absent: [], notTried: 0 },
  };
  const asked = paths.filter(({ verdict }) => verdict !== 'none');
  const none = paths.length - asked.length;
  return {
    source: source.description,
    answer,
    view: viewOf(answer, byId),
    goals: asked.map(({ from, to, verdict }) => ({
      verdict: verdict === 'proven' ? true : verdict === 'refuted' ? false : 'unknown',
      says: `${formatNode(from)} → ${formatNode(to)}: ${verdict}`,
      because: [],
    })),
    notRead: coverage,
    notes: [
      ...removed.flatMap((id) => {
        const hop = byId.get(id);
        return hop ? [`Refuted, and so left out: ${id}: ${proofInWords(hop).join('; ')}`] : [];
      }),
      ...(none > 0 ? [`${none} of ${paths.length} pairs of foothold and goal have no path.`] : []),
    ],
  };
}
