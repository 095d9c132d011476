import type { ClaimOf } from '../claim.ts';
import { defineClaimKind } from '../kind.ts';
import { vacuous } from '../judgement.ts';
import { WORKLOAD_KINDS } from '../../model/pods.ts';
import { describeEndpoint, describePorts, isEverybody, joined } from '../words.ts';
import { partiesOf } from './reach-parties.ts';
import { judgeReach } from './reach-judge.ts';
import { ReachSchema } from '../schema/reach.ts';

/** Who may talk to whom, as NetworkPolicies and the ways in from outside allow. */
export const reach = defineClaimKind<'reach'>({
  id: 'reach',
  title: 'Who may talk to whom',
  schema: ReachSchema,
  reads: [...WORKLOAD_KINDS, 'Namespace', 'NetworkPolicy.networking.k8s.io', 'Service'],
  statement,
  judge: judgeReach,
  emptiness(claim, facts) {
    const { spec, namespace } = claim;
    const from = partiesOf(facts, spec.from, namespace);
    const to = partiesOf(facts, spec.to, namespace);
    return [
      ...(from.found.length === 0 && list(spec.from).length > 0
        ? vacuous(`the source of the claim (${ends(spec.from, namespace)})`).because
        : []),
      ...(to.found.length === 0 ? vacuous(`the destination of the claim (${ends(spec.to, namespace)})`).because : []),
    ];
  },
});

function statement({ spec, namespace }: ClaimOf<'reach'>): string {
  const from = ends(spec.from, namespace);
  const to = list(spec.to)
    .map((end) => `${describeEndpoint(end, namespace)}${describePorts(end.ports)}`)
    .join(', and ');
  switch (spec.expect) {
    case 'allowed':
      return `${capital(from)} can reach ${to}.`;
    case 'denied':
      if (isEverybody(list(spec.from))) return `Nobody can reach ${to}.`;
      return `${capital(from)} cannot reach ${to}.`;
    case 'only':
      return `Only ${from} can reach ${to}.`;
    case 'atMost':
      return list(spec.from).length === 0 ? `Nobody can reach ${to}.` : `Nobody but ${from} can reach ${to}.`;
  }
}

function ends(
  given: ClaimOf<'reach'>['spec']['from'] | ClaimOf<'reach'>['spec']['to'],
  home: string | undefined,
): string {
  return joined(list(given).map((end) => describeEndpoint(end, home)));
}

function list<T>(given: T | readonly T[]): readonly T[] {
  return Array.isArray(given) ? (given as readonly T[]) : [given as T];
}

function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
