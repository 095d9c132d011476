import type { Because } from '../../model/because.ts';
import type { ClaimOf } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { every, holds, MAX_REASONS, unknown, vacuous, type Judgement } from '../judgement.ts';
import { joined } from '../words.ts';
import { everybodyElse, isSame } from './reach-others.ts';
import { isAllowed, isDenied, type Port } from './reach-pair.ts';
import { describeParty, partiesOf, type Party } from './reach-parties.ts';
import { askedPorts, type AskedPorts } from './reach-ports.ts';
import type { ReachSpec } from '../schema/reach.ts';

/** The verdict on a reach claim that follows from the configuration. */
export function judgeReach(claim: ClaimOf<'reach'>, facts: Facts): Judgement {
  const { spec, namespace } = claim;
  const from = partiesOf(facts, spec.from, namespace);
  const to = partiesOf(facts, spec.to, namespace);
  if (to.found.length === 0) return vacuous('the destination of the claim', to.open);
  const closed = spec.expect === 'only' || spec.expect === 'atMost';
  if (from.found.length === 0 && !closed) return vacuous('the source of the claim', from.open);
  const parts = to.found.flatMap((destination) => judgeDestination(facts, spec.expect, from.found, destination));
  const unread = [...new Set([...from.open, ...to.open])].map((because) => unknown(because));
  const together = every([
    ...parts,
    ...(from.found.length === 0 && spec.expect === 'only' ? [vacuous('the source of the claim', from.open)] : []),
    ...unread,
  ]);
  return together.verdict === 'violated'
    ? { ...together, because: [...summary(facts, claim, from.found, to.found), ...together.because] }
    : together;
}

/**
 * The part of an `only` or `atMost` claim that speaks of addresses outside the cluster, which no pod of it can try:
 * whether everybody out there whom `from` leaves out is kept out. It holds when `from` leaves nobody out.
 */
export function judgeOutside(claim: ClaimOf<'reach'>, facts: Facts): Judgement {
  const { spec, namespace } = claim;
  const from = partiesOf(facts, spec.from, namespace).found;
  const parts = partiesOf(facts, spec.to, namespace).found.flatMap((destination) =>
    everybodyElse(facts, from, destination)
      .filter(({ kind }) => kind === 'outside')
      .flatMap((source) =>
        portsOf(askedPorts(facts.network, destination)).map((port) => isDenied(facts, source, destination, port)),
      ),
  );
  return parts.length === 0 ? holds() : every(parts);
}

/** Who breaks the claim, by name, before the reasons of each. */
function summary(
  facts: Facts,
  { spec }: ClaimOf<'reach'>,
  from: readonly Party[],
  to: readonly Party[],
): readonly Because[] {
  if (spec.expect === 'allowed') return [];
  return to.flatMap((destination): readonly Because[] => {
    const others =
      spec.expect !== 'denied'
        ? everybodyElse(facts, from, destination)
        : from.filter((source) => !isSame(source, destination));
    const ports = portsOf(askedPorts(facts.network, destination));
    const offenders = groupsOf(facts, others)
      .filter(([source]) => ports.some((port) => isDenied(facts, source, destination, port).verdict === 'violated'))
      .flat();
    if (offenders.length < 2) return [];
    const names = joined(offenders.map(describeParty), 8);
    return [
      {
        kind: 'rule',
        source: 'analysis network',
        says: `${offenders.length} that should not can reach ${describeParty(destination)}: ${names}`,
      },
    ];
  });
}

function judgeDestination(
  facts: Facts,
  expect: ReachSpec['expect'],
  from: readonly Party[],
  destination: Party,
): readonly Judgement[] {
  const { network } = facts;
  const asked = askedPorts(network, destination);
  if (asked.kind === 'these' && asked.ports.length === 0) {
    const names = destination.ports?.map(({ port }) => String(port)).join(', ') ?? '';
    return [vacuous(`port ${names} of ${describeParty(destination)}`)];
  }
  const sources = from.filter((source) => !isSame(source, destination));
  const ask = (parties: readonly Party[], judge: (source: Party, port: Port) => Judgement): readonly Judgement[] =>
    groupsOf(facts, parties).flatMap(([source, ...others]) =>
      portsOf(asked).flatMap((port) => {
        const first = judge(source, port);
        // What holds for one holds for all that are alike; who does not keep to a claim is named.
        const named = first.verdict === 'holds' ? [] : others.slice(0, MAX_REASONS);
        return [first, ...named.map((other) => judge(other, port))];
      }),
    );
  const may = (): readonly Judgement[] => ask(sources, (source, port) => isAllowed(network, source, destination, port));
  const mayNot = (parties: readonly Party[]): readonly Judgement[] =>
    ask(parties, (source, port) => isDenied(facts, source, destination, port));
  switch (expect) {
    case 'allowed':
      return may();
    case 'denied':
      return mayNot(sources);
    case 'atMost':
      return mayNot(everybodyElse(facts, from, destination));
    case 'only':
      return [...may(), ...mayNot(everybodyElse(facts, from, destination))];
  }
}

/** Parties that every policy treats alike, together; there are far fewer of these than of parties. */
function groupsOf({ network }: Facts, parties: readonly Party[]): readonly (readonly [Party, ...Party[]])[] {
  const groups = new Map<string | Party, [Party, ...Party[]]>();
  for (const party of parties) {
    const key = (party.kind === 'workload' ? network.alike(party.workload) : undefined) ?? party;
    const known = groups.get(key);
    if (known) known.push(party);
    else groups.set(key, [party]);
  }
  return [...groups.values()];
}

function portsOf(asked: AskedPorts): readonly Port[] {
  return asked.kind === 'everything' ? [undefined] : asked.ports;
}
