import { eachLeaf } from '../policies/each-term.ts';
import { formatPath, type Because } from '../../../model/because.ts';
import { refId } from '../../../model/object.ts';
import type { Endpoint } from '../inhabitants/endpoints.ts';
import type { NetworkAnalysis, ReachVerdict } from '../index.ts';
import { familyOf, formatIp, type Family, type IpValue } from '../addresses/ip.ts';
import { DIRECTIONS, type PeerTerm } from '../policies/policy.ts';
import { hasPort } from '../ports/ports.ts';
import { endOf, type Candidate, type PlannedCell } from './cells.ts';
import type { ServiceDoor } from './service-doors.ts';

export interface Placing {
  readonly analysis: NetworkAnalysis;
  readonly services: ReadonlyMap<Endpoint, readonly ServiceDoor[]>;
  /** Whether a reason is a rule that names addresses. */
  readonly networks: (because: Because) => boolean;
  /** What is true of packets of one family. */
  readonly inFamily: (family: Family) => NetworkAnalysis;
}

/** Tells the reasons that are peers of a rule given by their addresses. */
export function networkReasons({ policies }: NetworkAnalysis): Placing['networks'] {
  const named = new Set(
    policies.flatMap(({ ref, rules }) =>
      DIRECTIONS.flatMap((direction) => rules[direction])
        .flatMap(({ peers }) => peers)
        .filter(({ term }) => namesAddresses(term))
        .map(({ path }) => `${refId(ref)} ${formatPath(path)}`),
    ),
  );
  return (because) => because.kind === 'field' && named.has(`${refId(because.object)} ${because.path}`);
}

function namesAddresses(term: PeerTerm): boolean {
  let found = false;
  eachLeaf(term, ({ kind }) => {
    found ||= kind === 'block';
  });
  return found;
}

interface Pair {
  readonly from: Endpoint;
  readonly to: Endpoint;
}

/**
 * The pairs of pods that stand for one boundary: on one node and across nodes, in each family of addresses both have, and
 * through a Service and its node port where one leads there.
 */
export function placed(candidate: Candidate, placing: Placing): readonly PlannedCell[] {
  const { from, to, door } = candidate;
  const pairs = from.pods.flatMap((source) =>
    to.pods.flatMap((target): readonly Pair[] => (source === target ? [] : [{ from: source, to: target }])),
  );
  const known = ({ from: a, to: b }: Pair): boolean => a.node !== undefined && b.node !== undefined;
  const same = pairs.find((pair) => known(pair) && pair.from.node === pair.to.node);
  const across = pairs.find((pair) => known(pair) && pair.from.node !== pair.to.node);
  const any = same || across ? undefined : pairs[0];
  const leading = pairs.flatMap((pair) =>
    (placing.services.get(pair.to) ?? [])
      .filter(({ target, protocol }) => hasPort(target, door.protocol, door.port) && protocol === door.protocol)
      .filter(({ family }) => sharedAddresses(pair).some((address) => familyOf(address) === family))
      .map((service) => ({ pair, service })),
  );
  const [first] = leading;
  const ways = leading.filter(({ pair, service }) => pair === first?.pair && service.service === first.service.service);
  return [
    ...direct(candidate, same, 'same node', placing),
    ...direct(candidate, across, 'across nodes', placing),
    ...direct(candidate, any, 'unknown', placing),
    ...ways.map(({ pair, service }) => throughService(candidate, pair, service, placing)),
  ];
}

/** By the pod's own addresses, one cell for each family that both have. */
function direct(
  candidate: Candidate,
  pair: Pair | undefined,
  placement: PlannedCell['placement'],
  placing: Placing,
): readonly PlannedCell[] {
  if (!pair) return [];
  const { door, edits } = candidate;
  return sharedAddresses(pair).map((address) => {
    const predicted = verdictOver(familyOf(address), candidate, pair, placing);
    return {
      ...door,
      ...pair,
      predicted,
      via: { kind: 'pod', address: formatIp(address), port: door.port },
      placement,
      edits,
      says: wordsOf(predicted, edits),
    };
  });
}

/** Addresses of the target in families in which the source can ask for them. */
function sharedAddresses({ from, to }: Pair): readonly IpValue[] {
  const families = new Set<Family>(from.addresses.map(familyOf));
  return to.addresses.filter((address) => families.has(familyOf(address)));
}

/** What is open may be so in one family only, where networks decide it: the answer for the pair is about either. */
function verdictOver(family: Family, { verdict, answer, door }: Candidate, pair: Pair, placing: Placing): ReachVerdict {
  const isForBoth = verdict === 'denied' || !answer.because.some(placing.networks) || sharedAddresses(pair).length < 2;
  return isForBoth ? verdict : placing.inFamily(family).query(endOf(pair.from), endOf(pair.to), door).verdict;
}

/** Behind a node port a policy may see the node in the place of the client: what it lets in is certain only if it asks nobody. */
function throughService(candidate: Candidate, pair: Pair, via: ServiceDoor, placing: Placing): PlannedCell {
  const { door, edits } = candidate;
  const { analysis } = placing;
  const cell = { ...door, ...pair, via, placement: 'unknown' as const, edits };
  if (via.kind === 'service') {
    const predicted = verdictOver(via.family, candidate, pair, placing);
    return { ...cell, predicted, says: wordsOf(predicted, edits) };
  }
  const anybody = analysis.query({ kind: 'internet' }, endOf(pair.to), door);
  const anywhere = analysis.query(endOf(pair.from), { kind: 'internet' }, door);
  const isOpen = [anybody, anywhere].every(
    (answer) => answer.verdict === 'allowed' && hasPort(answer.everyPair, door.protocol, door.port),
  );
  return isOpen
    ? { ...cell, predicted: 'allowed', says: 'open to everybody, so through a node port too' }
    : {
        ...cell,
        predicted: 'implementationDefined',
        says: 'through a node port a policy may see the node in the place of the client',
      };
}

function wordsOf(verdict: ReachVerdict, edits: number): string {
  return verdict === 'denied'
    ? `closed, and ${edits < 2 ? 'one edit' : `${Math.floor(edits)} edits`} away from open`
    : verdict === 'allowed'
      ? 'open by the rules named'
      : `the analysis leaves it open (${verdict})`;
}

/** Most doors that are tried from the pod itself, and from its node. */
const WITHIN = 5;

/** What isolation never closes: the way of a pod to itself, and of its node to it, where a pod on the node's network can speak. */
export function fromWithin(
  chosen: readonly Candidate[],
  onHost: readonly Endpoint[],
  analysis: NetworkAnalysis,
): readonly PlannedCell[] {
  const isolated = chosen.filter(({ closedSides }) => closedSides.includes('ingress'));
  const doors = [...new Map(isolated.map((candidate) => [candidate.door.to, candidate.door])).values()].slice(
    0,
    WITHIN,
  );
  return doors.flatMap((door): readonly PlannedCell[] => {
    const cells = (from: Endpoint, placement: PlannedCell['placement'], says: string): readonly PlannedCell[] =>
      sharedAddresses({ from, to: door.to }).map((address) => ({
        ...door,
        from,
        predicted: analysis.query(endOf(from), endOf(door.to), door).verdict,
        via: { kind: 'pod', address: formatIp(address), port: door.port },
        placement,
        edits: 0,
        says,
      }));
    const host = onHost.find(({ node, pod }) => pod !== undefined && node !== undefined && node === door.to.node);
    return [
      ...cells(door.to, 'itself', 'a pod always reaches its own address'),
      ...(host ? cells(host, 'same node', 'a node always reaches its own pods') : []),
    ];
  });
}
