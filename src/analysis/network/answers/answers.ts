import type { Because } from '../../../model/because.ts';
import type { Classes } from '../classes/classes.ts';
import type { About, Judge, Judgement, Reason } from './judge.ts';
import type { Matrix } from '../rows/matrix.ts';
import type { Endpoint } from '../inhabitants/endpoints.ts';
import type { NodeTraffic, Shared } from '../inhabitants/node-traffic.ts';
import type { Party } from './parties.ts';
import { ALL, NONE, type PortId, type PortTable } from '../ports/port-table.ts';
import type { Profile } from '../profiles/profile.ts';
import type { ReachAnswer } from '../types.ts';
import { worldOf, type World } from '../classes/worlds.ts';

/** Pairs whose reasons are looked at for one answer. */
const EXPLAINED_PAIRS = 8;
const LISTED_REASONS = 24;

export interface AnswersInput {
  readonly classes: Classes;
  readonly table: PortTable;
  readonly matrix: Matrix;
  readonly judge: Judge;
  readonly nodes: NodeTraffic;
  readonly profile: Profile;
  readonly bothReadings: boolean;
}

/** Judges every pair of two sets of parties and says what that makes for the sets, with the reasons that decide it. */
export function createAnswers(
  input: AnswersInput,
): (from: readonly Party[], to: readonly Party[], loopback: boolean, about?: About) => ReachAnswer {
  const { classes, table, judge } = input;

  const answer = (from: readonly Party[], to: readonly Party[], loopback: boolean, about?: About): ReachAnswer => {
    if (loopback) {
      const ports = to[0]?.asked ?? ALL;
      return {
        verdict: 'allowed',
        ports: table.set(ports),
        everyPair: table.set(ports),
        because: [{ kind: 'rule', source: 'NetworkPolicy', says: 'a pod always reaches itself' }],
      };
    }
    const worlds = new Map<World, { must: PortId; may: PortId }>();
    let everyPair: PortId = ALL;
    let pairs = 0;
    let ignorant = false;
    const explained: { pair: Judgement; asked: PortId }[] = [];
    for (const source of from) {
      for (const destination of to) {
        const world = worldOf(classes, source.peer, destination.peer);
        if (world === undefined || !shareFamily(source, destination)) continue;
        pairs++;
        const asked = destination.asked;
        const { pair, everyMember } = judgePair(source, destination, about);
        const may = table.intersect(asked, pair.mayAllow);
        const must = table.subtract(may, pair.mayDeny);
        const sum = worlds.get(world) ?? { must: NONE, may: NONE };
        worlds.set(world, { must: table.union(sum.must, must), may: table.union(sum.may, may) });
        everyPair = table.intersect(everyPair, everyMember ?? must);
        ignorant ||= pair.reasons.some(
          (reason) => isIgnorance(reason) && table.intersect(asked, reason.ports) !== NONE,
        );
        if (explained.length < EXPLAINED_PAIRS || must !== NONE) explained.push({ pair, asked });
      }
    }
    if (pairs === 0) {
      return {
        verdict: 'denied',
        ports: {},
        everyPair: {},
        because: [{ kind: 'rule', source: 'IP', says: 'the two have no address family in common' }],
      };
    }
    const any = worlds.get('any') ?? { must: NONE, may: NONE };
    const readings = [worlds.get('pod'), worlds.get('node')].flatMap((world) => world ?? []);
    const mustInReadings = readings.reduce(
      (sum, { must }) => table.intersect(sum, must),
      readings.length > 0 ? ALL : NONE,
    );
    const must = table.union(any.must, mustInReadings);
    const may = readings.reduce((sum, world) => table.union(sum, world.may), any.may);
    const differ = input.bothReadings && readings.length === 2 && readings[0]?.must !== readings[1]?.must;
    const because = reasonsFor(explained, must, may, differ, table);
    const verdict =
      must !== NONE ? 'allowed' : may === NONE ? 'denied' : ignorant ? 'unknown' : 'implementationDefined';
    return { verdict, ports: table.set(must), everyPair: table.set(everyPair), because };
  };

  /** `everyMember`: the ports all pods of the two may use, where that is less than what some may. */
  const judgePair = (
    source: Party,
    destination: Party,
    about: About | undefined,
  ): { pair: Judgement; everyMember?: PortId } => {
    // Of a Service every reason is needed: what some of them say is looked at.
    const pair = judge.connection(source.peer, destination.peer, destination.throughService ? undefined : about);
    const clients = source.pod ? [source.pod] : (source.members ?? classes.all[source.peer]?.members ?? []);
    if (destination.fromOwnNode === true && clients.length > 0) return onOwnNode(pair, clients, podsOf(destination));
    if (source.pod !== undefined && source.pod === destination.pod && destination.throughService === true)
      return { pair: throughItself(pair) };
    const shared = sharedNode(source, destination);
    if (shared === 'no') return { pair };
    const says = `the node of ${describe(destination)} always reaches it`;
    const local: Judgement = {
      mayAllow: ALL,
      mayDeny: NONE,
      reasons: [{ effect: 'allows', ports: ALL, because: { kind: 'rule', source: 'NetworkPolicy', says } }],
    };
    if (shared === 'every') return { pair: local };
    return {
      pair: local,
      everyMember: table.subtract(table.intersect(destination.asked, pair.mayAllow), pair.mayDeny),
    };
  };

  const shareFamily = (source: Party, destination: Party): boolean => {
    // Pods named by a Service speak for themselves, in every family they have.
    const asked = source.throughService === true ? 3 : (source.families ?? 3);
    return input.matrix.shareFamily(source.peer, destination.peer, asked & (destination.families ?? 3));
  };

  const podsOf = ({ pod, members, peer }: Party): readonly Endpoint[] =>
    pod ? [pod] : (members ?? classes.all[peer]?.members ?? []);

  /** A Service with `internalTrafficPolicy: Local` drops what comes from a node without pods of it. */
  const onOwnNode = (
    pair: Judgement,
    clients: readonly Endpoint[],
    pods: readonly Endpoint[],
  ): { pair: Judgement; everyMember?: PortId } => {
    const shared = input.nodes.together(clients, pods);
    if (shared === 'every') return { pair };
    if (shared === 'some') return { pair, everyMember: NONE };
    const says = 'internalTrafficPolicy is Local, and';
    if ([...clients, ...pods].every(({ node }) => node !== undefined)) {
      const because = {
        kind: 'rule',
        source: 'Service',
        says: `${says} no pod of the Service is on the client's node`,
      } as const;
      return { pair: { mayAllow: NONE, mayDeny: ALL, reasons: [{ effect: 'denies', ports: ALL, because }] } };
    }
    const because = { kind: 'absence', of: 'nodeName', says: `${says} the nodes of the pods are not known` } as const;
    return { pair: { ...pair, mayDeny: ALL, reasons: [...pair.reasons, { effect: 'open', ports: ALL, because }] } };
  };

  const describe = ({ pod, peer }: Party): string =>
    pod === undefined ? (classes.all[peer]?.members[0]?.workload.id ?? 'a pod') : pod.workload.id;

  const sharedNode = (source: Party, destination: Party): Shared => {
    const target = classes.all[destination.peer];
    if (!target || target.hostNetwork) return 'no';
    const pods = podsOf(destination);
    if (source.node !== undefined) return input.nodes.onNode(source.node, pods);
    const host = classes.all[source.peer];
    if (!host?.hostNetwork || host.reading !== 'node') return 'no';
    return input.nodes.together(source.pod ? [source.pod] : (source.members ?? host.members), pods);
  };

  /**
   * A pod that reaches itself through a Service: some implementations exempt that as they exempt its own address. What a
   * ClusterNetworkPolicy denies stays denied (network-policy-api, PR #390).
   */
  const throughItself = (pair: Judgement): Judgement => {
    const { serviceLoopback } = input.profile;
    const settled = pair.reasons
      .filter(({ effect, because }) => effect !== 'allows' && isOfClusterNetworkPolicy(because))
      .reduce((sum, { ports }) => table.union(sum, ports), NONE);
    const left = table.subtract(pair.mayDeny, settled);
    if (serviceLoopback === 'judged' || left === NONE) return pair;
    const mayAllow = table.union(pair.mayAllow, left);
    if (serviceLoopback === 'exempt') {
      const says = 'a pod always reaches itself, also through a Service';
      const exempt: Reason = { effect: 'allows', ports: left, because: { kind: 'rule', source: 'profile', says } };
      return { mayAllow, mayDeny: table.intersect(pair.mayDeny, settled), reasons: [exempt, ...pair.reasons] };
    }
    const says =
      'the pod reaches itself through a Service: whether policies apply to that is left to the implementation';
    const open: Reason = {
      effect: 'open',
      ports: left,
      because: { kind: 'parameter', parameter: 'serviceLoopback', says },
    };
    return { ...pair, mayAllow, reasons: [open, ...pair.reasons] };
  };

  return answer;
}

function isOfClusterNetworkPolicy(because: Because): boolean {
  if (because.kind === 'gap') return because.gap.kind.startsWith('ClusterNetworkPolicy.');
  return because.kind === 'field' && because.object.kind === 'ClusterNetworkPolicy';
}

/** Only what left a pair open makes an answer unknown; the reasons of one reading or another don't. */
function isIgnorance(reason: Reason): boolean {
  return reason.effect === 'open' && reason.because.kind !== 'parameter';
}

/** The reasons that bear on the verdict, without repetition, those that decide it first. */
function reasonsFor(
  explained: readonly { readonly pair: Judgement; readonly asked: PortId }[],
  must: PortId,
  may: PortId,
  readingsDiffer: boolean,
  table: PortTable,
): readonly Because[] {
  const effects: readonly Reason['effect'][] =
    must !== NONE ? ['allows'] : may === NONE ? ['denies', 'allows'] : ['open', 'denies', 'allows'];
  const chosen = new Map<string, Because>();
  if (must === NONE && may !== NONE && readingsDiffer) {
    const says =
      "one of the pods is on the host's network: whether policies see it as a pod or as its node is left to the implementation";
    chosen.set(says, { kind: 'parameter', parameter: 'hostNetworkPods', says });
  }
  for (const effect of effects) {
    for (const { pair, asked } of explained) {
      const relevant = must !== NONE ? table.intersect(asked, must) : asked;
      if (must !== NONE && table.intersect(relevant, table.subtract(pair.mayAllow, pair.mayDeny)) === NONE) continue;
      for (const reason of pair.reasons) {
        if (reason.effect !== effect || table.intersect(relevant, reason.ports) === NONE) continue;
        if (chosen.size < LISTED_REASONS) chosen.set(reason.because.says, reason.because);
      }
    }
  }
  return [...chosen.values()];
}
