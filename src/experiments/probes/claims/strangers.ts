import type { ConnectRequest } from '../../../agent/requests.ts';
import {
  formatRange,
  INTERNET,
  parseCidr,
  subtractRanges,
  type IpRange,
} from '../../../analysis/network/addresses/ip.ts';
import type { ClaimOf } from '../../../claims/claim.ts';
import { namespaceOf, type Facts } from '../../../claims/facts.ts';
import { judgeOutside } from '../../../claims/kinds/reach-judge.ts';
import type { EndpointSpec } from '../../../claims/schema/selection.ts';
import { becauseOfGap } from '../../../model/because.ts';
import { formatRef } from '../../../model/object.ts';
import type { Workload } from '../../../model/workloads.ts';
import { isIPv6 } from '../connect.ts';
import type { Outside } from '../outside.ts';
import { blocksOf, classesOfAddresses } from './address-classes.ts';
import { asList, doorsOf, usesHostNetwork, type Door } from './reach-cells.ts';
import { waysIn, type WayIn } from './ways-in.ts';

/** Somebody who is no pod: an address outside the cluster, or a node, spoken for by the pods on its network. */
export type Stranger =
  | { readonly kind: 'outside'; readonly address: string; readonly range: string }
  | { readonly kind: 'node'; readonly node: string; readonly speakers: readonly Workload[] };

/** One stranger at one port, and what the claim says of it. */
export interface StrangerCell extends Door {
  readonly from: Stranger;
  readonly expect: 'open' | 'closed';
  /** Beside the addresses of the pods themselves. */
  readonly ways: readonly WayIn[];
}

/** A claim as connections of strangers, and what of it can't be tried. */
export interface StrangerCells {
  readonly cells: readonly StrangerCell[];
  /** Parts of the claim that can't be tried, one sentence each. */
  readonly blind: readonly string[];
  /** Parts that are not tried, and that the analysis of the configuration is certain of, one sentence each. */
  readonly assumed: readonly string[];
}

/** Most classes of addresses of one family tried against one claim. */
const MAX_ADDRESSES = 8;
/** What decides where somebody outside comes in. */
const DECIDES = ['Service', 'Node', 'NetworkPolicy.networking.k8s.io'];

/** The fewest connections of strangers that would show a claim to be false. Without a place outside only nodes ask. */
export function strangerCells(
  claim: ClaimOf<'reach'>,
  facts: Facts,
  outside: Pick<Outside, 'canBe'> | undefined,
): StrangerCells {
  const ends = asList<EndpointSpec>(claim.spec.from);
  const { expect } = claim.spec;
  const blind: string[] = [];
  const assumed: string[] = [];
  const cells: StrangerCell[] = [];
  const asked = askedRanges(ends, expect);
  const doors = asked.length > 0 || ends.some(({ nodes }) => nodes) ? doorsOf(claim, facts, [], []) : [];
  if (asked.length > 0 && doors.length > 0) {
    if (!outside) withoutPlace(claim, facts, ends, blind, assumed);
    else cells.push(...outsideCells(doors, asked, facts, outside, blind));
  }
  // Whether the nodes that an `atMost` names get in is no part of the claim.
  if (expect !== 'atMost' && ends.some(({ nodes }) => nodes)) {
    const nodes = nodesOf(facts, blind);
    const is = expect === 'denied' ? 'closed' : 'open';
    if (is === 'closed' && doors.length > 0) assumed.push('the node a pod runs on always gets in, and is not counted');
    cells.push(...nodes.flatMap((from) => doors.map((door) => ({ ...door, from, expect: is, ways: [] }) as const)));
  }
  return { cells, blind: [...new Set(blind)], assumed };
}

/** What is left when nobody can be asked outside. */
function withoutPlace(
  claim: ClaimOf<'reach'>,
  facts: Facts,
  ends: readonly EndpointSpec[],
  blind: string[],
  assumed: string[],
): void {
  const named = ends.flatMap(({ internet, cidr }) => (internet === true ? ['the internet'] : (cidr ?? [])));
  if (claim.spec.expect !== 'atMost')
    blind.push(...named.map((who) => `connections from ${who} are not tried: probes run inside pods`));
  if (claim.spec.expect === 'allowed' || claim.spec.expect === 'denied') return;
  const says = 'addresses outside the cluster were not tried: probes run inside pods';
  if (judgeOutside(claim, facts).verdict === 'holds') assumed.push(`${says}; by the configuration they are kept out`);
  else blind.push(says);
}

interface AskedRange {
  readonly range: IpRange;
  /** The claim names this very range. */
  readonly written: boolean;
  readonly expect: 'open' | 'closed';
}

/** The ranges of addresses a claim speaks of, and what it says of each. */
function askedRanges(ends: readonly EndpointSpec[], expect: ClaimOf<'reach'>['spec']['expect']): readonly AskedRange[] {
  const named = ends.flatMap(({ internet, cidr }): readonly Omit<AskedRange, 'expect'>[] => {
    if (internet === true) return INTERNET.map((range) => ({ range, written: false }));
    const parsed = cidr === undefined ? undefined : parseCidr(cidr);
    return parsed && parsed.kind !== 'invalid' ? [{ range: parsed.range, written: true }] : [];
  });
  const left = INTERNET.flatMap((whole) => {
    const holes = named.map(({ range }) => range).filter(({ from }) => typeof from === typeof whole.from);
    return subtractRanges(whole, holes).map((range) => ({ range, written: false }));
  });
  const all = (ranges: typeof named, is: AskedRange['expect']): readonly AskedRange[] =>
    ranges.map((one) => ({ ...one, expect: is }));
  switch (expect) {
    case 'allowed':
      return all(named, 'open');
    case 'denied':
      return all(named, 'closed');
    case 'atMost':
      return all(left, 'closed');
    case 'only':
      return [...all(named, 'open'), ...all(left, 'closed')];
  }
}

function outsideCells(
  doors: readonly Door[],
  asked: readonly AskedRange[],
  facts: Facts,
  outside: Pick<Outside, 'canBe'>,
  blind: string[],
): readonly StrangerCell[] {
  const blocks = blocksOf(facts.snapshot);
  const namespaces = new Set(doors.map(({ to }) => namespaceOf(to)));
  for (const namespace of namespaces)
    blind.push(...facts.snapshot.gaps(DECIDES, namespace).map((gap) => becauseOfGap(gap).says));
  const strangers = (['open', 'closed'] as const).flatMap((expect) => {
    const ranges = asked.filter((one) => one.expect === expect).map(({ range }) => range);
    const found = classesOfAddresses(ranges, blocks, outside.canBe);
    for (const { range } of asked.filter((one) => one.expect === expect && one.written))
      if (classesOfAddresses([range], blocks, outside.canBe).length === 0)
        blind.push(`connections from ${formatRange(range)} are not tried: nobody outside has such an address here`);
    const byFamily = [...Map.groupBy(found, ({ address }) => isIPv6(address)).values()];
    const tried = byFamily.flatMap((some) => some.slice(0, MAX_ADDRESSES));
    if (found.length > tried.length)
      blind.push(`${found.length - tried.length} more classes of addresses outside the cluster were not tried`);
    return tried.map((one) => ({ from: { kind: 'outside', ...one } as const, expect }));
  });
  return doors.flatMap((door) => {
    const { ways, untried } = waysIn(facts, door.to, door.port, door.protocol);
    blind.push(...untried);
    return strangers.map((stranger) => ({ ...door, ...stranger, ways }));
  });
}

/** The nodes with somebody on their network who may ask for them. */
function nodesOf(facts: Facts, blind: string[]): readonly (Stranger & { readonly kind: 'node' })[] {
  blind.push(...facts.snapshot.gaps(['Node']).map((gap) => becauseOfGap(gap).says));
  const speakers = facts.workloads.filter(usesHostNetwork);
  const nodes = facts.snapshot.list('Node').map(({ object }) => object.metadata.name);
  if (speakers.length === 0 && nodes.length > 0) {
    blind.push('connections from nodes are not tried: no pod runs on the network of its node');
    return [];
  }
  return nodes.map((node) => ({ kind: 'node', node, speakers }));
}

/** For a person. */
export function describeStranger(stranger: Stranger): string {
  return stranger.kind === 'node' ? `node ${stranger.node}` : `${stranger.address} (outside)`;
}

/** A cell in one sentence, for plans and reasons. */
export function describeStrangerCell({ from, to, port, protocol, expect }: StrangerCell): string {
  return `${describeStranger(from)} to ${formatRef(to.ref)}:${port}/${protocol} is ${expect}`;
}

/** A pod as a stranger may dial it: its own addresses, and those of its node. */
export interface DialledPod {
  readonly addresses: readonly string[];
  readonly hostAddresses: readonly string[];
}

/**
 * Those of some addresses that a stranger can dial: of its own family, and for a node, which has both, of each where the
 * way must be closed.
 */
export function dialledBy({ from, expect }: StrangerCell, addresses: readonly string[]): readonly string[] {
  if (from.kind === 'node') return expect === 'closed' ? addresses : addresses.slice(0, 1);
  return addresses.filter((address) => isIPv6(address) === isIPv6(from.address));
}

/** The same cell with the ways whose addresses its stranger can dial. */
export function withOwnWays(cell: StrangerCell): StrangerCell {
  return { ...cell, ways: cell.ways.filter(({ host }) => host === undefined || dialledBy(cell, [host]).length > 0) };
}

/** What is dialled for a cell at some pods, and what it goes through. */
export function targetsOf(
  cell: StrangerCell,
  pods: readonly DialledPod[],
  timeoutMs: number,
): readonly { readonly request: ConnectRequest; readonly through: string; readonly shared: boolean }[] {
  const { ways, port, protocol } = cell;
  const dial = (host: string, at: number): ConnectRequest => ({
    kind: 'connect',
    host,
    port: at,
    protocol: protocol === 'UDP' ? 'udp' : 'tcp',
    timeoutMs,
  });
  const own = pods.flatMap(({ addresses }) => dialledBy(cell, addresses));
  const hosts = pods.flatMap(({ hostAddresses }) => dialledBy(cell, hostAddresses));
  return [
    ...own.map((address) => ({ request: dial(address, port), through: 'its own address', shared: false })),
    ...ways.flatMap(({ host, port: at, through, shared }) =>
      (host === undefined ? hosts : [host]).map((one) => ({ request: dial(one, at), through, shared })),
    ),
  ];
}
