import type { Claim } from '../../../claims/claim.ts';
import type { Facts } from '../../../claims/facts.ts';
import { partiesOf, type Party } from '../../../claims/kinds/reach-parties.ts';
import { containerPorts } from '../../../analysis/network/inhabitants/endpoints.ts';
import { INTERNET_BLOCKS, type Flow, type FlowEnd } from '../../../analysis/network/synthesize/flow.ts';
import type { Protocol } from '../../../analysis/network/index.ts';

/** The flows that claims of kind `reach` say may be: `expect: allowed` and the named sources of `expect: only`. */
export function claimedFlows(claims: readonly Claim[], facts: Facts): readonly Flow[] {
  return claims.flatMap((claim): readonly Flow[] => {
    if (claim.kind !== 'reach' || claim.spec.expect === 'denied') return [];
    const sources = partiesOf(facts, claim.spec.from, claim.namespace).found;
    const destinations = partiesOf(facts, claim.spec.to, claim.namespace).found;
    const says = `claim ${claim.name}`;
    return destinations.flatMap((destination) =>
      portsOf(destination).flatMap(({ port, protocol }) =>
        sources.flatMap((source) =>
          endsOf(source).flatMap((from) =>
            endsOf(destination).flatMap((to) => (isSame(from, to) ? [] : [{ from, to, port, protocol, says }])),
          ),
        ),
      ),
    );
  });
}

function isSame(from: FlowEnd, to: FlowEnd): boolean {
  return from.kind === 'workload'
    ? to.kind === 'workload' && from.workload.id === to.workload.id
    : to.kind !== 'workload';
}

function endsOf(party: Party): readonly FlowEnd[] {
  switch (party.kind) {
    case 'workload':
      return [{ kind: 'workload', workload: party.workload }];
    case 'outside':
      return party.cidr === undefined ? INTERNET_BLOCKS : [{ kind: 'block', cidr: party.cidr, except: [] }];
    case 'nodes':
      // A pod's own node always reaches it; other nodes have addresses that nobody named.
      return [];
  }
}

/** The ports a claim names, else those the destination declares. */
function portsOf(party: Party): readonly { readonly port: number; readonly protocol: Protocol }[] {
  const declared =
    party.kind === 'workload' ? party.workload.endpoints.flatMap(({ spec }) => containerPorts(spec)) : [];
  if (party.ports === undefined) return declared;
  return party.ports.flatMap((spec) => {
    const protocol = spec.protocol ?? 'TCP';
    if (typeof spec.port === 'number') return [{ port: spec.port, protocol }];
    return declared.filter(({ name, protocol: its }) => name === spec.port && its === protocol);
  });
}
