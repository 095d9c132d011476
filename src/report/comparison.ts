import { reachChanges } from '../analysis/network/diff/diff.ts';
import type { NetworkAnalysis } from '../analysis/network/index.ts';
import { formatPorts, isEmpty, type PortSet } from '../analysis/network/ports/ports.ts';
import { formatPeer } from '../analysis/network/answers/report.ts';
import type { JudgedClaim } from '../claims/types.ts';
import type { Comparison, Finding } from './types.ts';
import { openFindings } from './worst-things.ts';

/** One side of a comparison. */
export interface Side {
  readonly claims: readonly JudgedClaim[];
  readonly findings: readonly Finding[];
  readonly network?: NetworkAnalysis;
}

/** What is different now: verdicts, connections that open or close, findings that are new or gone. */
export function compare(before: Side, after: Side, against: string): Comparison {
  const old = new Map(before.claims.map((claim) => [claim.claim, claim]));
  const now = new Map(after.claims.map((claim) => [claim.claim, claim]));
  const verdicts = [...new Set([...now.keys(), ...old.keys()])].sort().flatMap((id) => {
    const [was, is] = [old.get(id), now.get(id)];
    const known = is ?? was;
    if (!known || was?.verdict === is?.verdict) return [];
    return [
      {
        claim: id,
        statement: known.statement,
        before: was?.verdict ?? ('absent' as const),
        after: is?.verdict ?? ('absent' as const),
      },
    ];
  });
  const oldIds = new Set(openFindings(before.findings).map(({ id }) => id));
  const nowIds = new Set(openFindings(after.findings).map(({ id }) => id));
  return {
    against,
    verdicts,
    connections: before.network && after.network ? changes(before.network, after.network) : [],
    newFindings: [...nowIds].filter((id) => !oldIds.has(id)),
    fixedFindings: openFindings(before.findings)
      .filter(({ id }) => !nowIds.has(id))
      .map(({ id, check, message }) => ({ id, check, message })),
  };
}

/** Findings with those marked that are new. */
export function marked(findings: readonly Finding[], comparison: Pick<Comparison, 'newFindings'>): readonly Finding[] {
  const fresh = new Set(comparison.newFindings);
  return findings.map((finding) => (fresh.has(finding.id) ? { ...finding, new: true } : finding));
}

function changes(before: NetworkAnalysis, after: NetworkAnalysis): Comparison['connections'] {
  return reachChanges(before, after).map(({ change, from, to, before: was, after: is, opens }) => ({
    change,
    from: formatPeer(from),
    to: formatPeer(to),
    before: portsOrNone(was),
    after: portsOrNone(is),
    opens,
  }));
}

function portsOrNone(ports: PortSet): string | null {
  return isEmpty(ports) ? null : formatPorts(ports);
}
