import { containerPorts } from '../inhabitants/endpoints.ts';
import type { Endpoint } from '../index.ts';
import { ALL_PORTS, isEmpty, NO_PORTS, singlePort, subtractPorts, unionPorts, type PortSet } from '../ports/ports.ts';
import { subtractRanges, type IpRange } from '../addresses/ip.ts';
import type { Direction, PeerTerm, Policy, PolicyRule } from '../policies/policy.ts';
import { podsOf, type LintInput } from './define-lint.ts';

/** A rule with the policy it is in. */
export interface RuleIn {
  readonly policy: Policy;
  readonly rule: PolicyRule;
}

/** The ports a rule means at one destination; named ports are looked up there. */
export function portsAt({ ports }: PolicyRule, destination: Endpoint | undefined): PortSet {
  if (ports === 'all') return ALL_PORTS;
  return ports.reduce<PortSet>((sum, port) => {
    if (port.kind === 'numbers') return unionPorts(sum, port.ports);
    const declared = destination ? containerPorts(destination.spec) : [];
    return declared
      .filter(({ name, protocol }) => name === port.name && protocol === (port.protocol ?? protocol))
      .reduce((all, one) => unionPorts(all, singlePort(one.protocol, one.port)), sum);
  }, NO_PORTS);
}

/**
 * Whether the other rules let a pod and everything one rule names talk as that rule does, so that it adds nothing for
 * this pod. Decided for the pods there are and for all addresses; where that can't be known, no.
 */
export function covered(
  { rule }: RuleIn,
  others: readonly RuleIn[],
  pod: Endpoint,
  direction: Direction,
  input: LintInput,
): boolean {
  // What a name means at a destination nobody knows can't be compared.
  const named = rule.ports !== 'all' && rule.ports.some((port) => port.kind === 'named');
  return rule.peers.every(({ term }) => {
    if (named && direction === 'egress' && (term.kind === 'everyone' || term.kind === 'block')) return false;
    switch (term.kind) {
      case 'nobody':
        return true;
      case 'everyone':
        return subset(
          portsOn(rule, undefined),
          sum(
            others.filter((other) => namesEveryone(other.rule)),
            undefined,
          ),
        );
      case 'pods':
        return podsOf(input, term).every((peer) => {
          const there = direction === 'ingress' ? pod : peer;
          return subset(
            portsOn(rule, there),
            sum(
              others.filter((other) => namesPod(other.rule, peer, input)),
              there,
            ),
          );
        });
      case 'block':
        return blockCovered(term, rule, others, direction === 'ingress' ? pod : undefined);
      default:
        return false;
    }
  });

  function portsOn(one: PolicyRule, there: Endpoint | undefined): PortSet {
    return portsAt(one, there ?? (direction === 'ingress' ? pod : undefined));
  }
  function sum(rules: readonly RuleIn[], there: Endpoint | undefined): PortSet {
    return rules.reduce<PortSet>((all, one) => unionPorts(all, portsOn(one.rule, there)), NO_PORTS);
  }
}

function namesEveryone({ peers }: PolicyRule): boolean {
  return peers.some(({ term }) => term.kind === 'everyone');
}

/** Only by its labels: whether an address block hits a pod depends on the implementation. */
function namesPod(rule: PolicyRule, pod: Endpoint, input: LintInput): boolean {
  return rule.peers.some(
    ({ term }) => term.kind === 'everyone' || (term.kind === 'pods' && podsOf(input, term).includes(pod)),
  );
}

type Block = PeerTerm & { readonly kind: 'block' };

/** Every port of the rule must be allowed to all of its addresses by blocks of others. */
function blockCovered(block: Block, rule: PolicyRule, others: readonly RuleIn[], there: Endpoint | undefined): boolean {
  const wanted = portsAt(rule, there);
  let left: readonly { readonly range: IpRange; readonly ports: PortSet }[] = subtractRanges(
    block.range,
    block.except,
  ).map((range) => ({ range, ports: wanted }));
  for (const other of others) {
    const ports = portsAt(other.rule, there);
    for (const { term } of other.rule.peers) {
      if (term.kind === 'everyone') left = left.map((one) => ({ ...one, ports: subtractPorts(one.ports, ports) }));
      if (term.kind !== 'block' || typeof term.range.from !== typeof block.range.from) continue;
      for (const open of subtractRanges(term.range, term.except)) {
        left = left.flatMap((one) => [
          ...subtractRanges(one.range, [open]).map((range) => ({ range, ports: one.ports })),
          ...overlap(one.range, open).map((range) => ({ range, ports: subtractPorts(one.ports, ports) })),
        ]);
      }
    }
    left = left.filter((one) => !isEmpty(one.ports));
  }
  return left.length === 0;
}

function overlap(a: IpRange, b: IpRange): readonly IpRange[] {
  const from = a.from > b.from ? a.from : b.from;
  const to = a.to < b.to ? a.to : b.to;
  return from <= to ? [{ from, to }] : [];
}

function subset(part: PortSet, whole: PortSet): boolean {
  return isEmpty(subtractPorts(part, whole));
}
