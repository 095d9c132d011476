import { provePaths, type HopProof, type ProofReport } from '../../../analysis/attack/index.ts';
import { formatNode } from '../../../analysis/attack/nodes.ts';
import type { ClaimOf } from '../../../claims/claim.ts';
import { createFacts } from '../../../claims/facts.ts';
import { analysed } from '../../../claims/judge.ts';
import { footholdsOf, goalsOf } from '../../../claims/kinds/attack-path.ts';
import type { Because, Verdict } from '../../../model/because.ts';
import { lookAtHops } from '../attack-hops/look-at-hop.ts';
import { observed, sampleOf, type ClaimProbe, type ClaimSample, type ClaimWorld } from './claim-probe.ts';

/**
 * Reads the cluster again; where a path leads to the goal, looks at each of its hops in the least invasive way. A claim
 * is seen violated only when every hop of a path is confirmed, and seen to hold only when the configuration has no
 * path, or the cluster refutes a hop of each.
 */
export function attackPathProbe(claim: ClaimOf<'attackPath'>, world: ClaimWorld): ClaimProbe {
  return {
    claim,
    uses: ['may-i', 'connect', 'dry-run-create'],
    tellsArmsApart: false,
    plan: ['read the cluster again, look for paths, and look at each hop of those found: nothing is exploited'],
    async sample() {
      const now = world.clock.now().toISOString();
      const snapshot = await world.reread();
      const facts = createFacts(snapshot);
      const { verdict, because } = analysed(claim, facts);
      if (verdict !== 'violated') return sampleOf(now, [{ verdict, because }]);
      const pairs = footholdsOf(facts, claim.spec)
        .filter(({ perhaps }) => perhaps.length === 0)
        .flatMap(({ node }) => goalsOf(claim.spec).map((to) => ({ from: node, to })));
      const proof = await provePaths(snapshot, pairs, lookAtHops(world, snapshot));
      return proofSample(claim, proof, now);
    },
  };
}

/** What the proof of some paths says of a claim: one path whose every hop was seen is enough to violate it. */
function proofSample({ spec }: ClaimOf<'attackPath'>, { paths, hops }: ProofReport, at: string): ClaimSample {
  const byId = new Map(hops.map((hop) => [hop.id, hop]));
  const parts = paths.map((path): { readonly verdict: Verdict; readonly because: readonly Because[] } => {
    const way = `${formatNode(path.from)} to ${formatNode(path.to)}`;
    const seen = path.hops.flatMap((id) => byId.get(id) ?? []);
    const cheap = spec.expect === 'none' || (path.cost ?? 0) < spec.expect.atLeast;
    switch (path.verdict) {
      case 'none':
        return { verdict: 'holds', because: [observed(at, `from ${way} there is no path now`)] };
      case 'refuted':
        return {
          verdict: 'holds',
          because: [observed(at, `from ${way} every path found has a hop the cluster refutes`)],
        };
      case 'unknown': {
        const open = seen.filter(({ verdict }) => verdict === 'unknown');
        const says = `from ${way} there is a path, of which the cluster does not show every hop (${open.length} of ${seen.length})`;
        return { verdict: 'unknown', because: [observed(at, says), ...seen.map(becauseOfHop(at))] };
      }
      case 'proven': {
        if (!cheap)
          return { verdict: 'holds', because: [observed(at, `from ${way} the cheapest path costs ${path.cost}`)] };
        const says = `from ${way} there is a path, and the cluster confirms every hop of it (${seen.length})`;
        return { verdict: 'violated', because: [observed(at, says), ...seen.map(becauseOfHop(at))] };
      }
    }
  });
  const sample = sampleOf(at, parts);
  // The hops of one path belong together, however many there are.
  const deciding = parts.find(({ verdict }) => verdict === sample.verdict);
  return sample.verdict === 'holds' || !deciding ? sample : { ...sample, because: deciding.because };
}

function becauseOfHop(at: string): (hop: HopProof) => Because {
  return ({ id, kind, title, to, verdict, seen }) => {
    const looked = seen.map(({ says }) => says).join('; ');
    const says = `${kind} ${title}: ${formatNode(to)}: ${verdict}${looked === '' ? '' : `: ${looked}`}`;
    return observed(seen.find((look) => look.at !== undefined)?.at ?? at, says, { hop: id, verdict, seen });
  };
}
