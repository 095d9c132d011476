import {
  formatPorts,
  type Exposure,
  type NetworkAnalysis,
  type ReachAnswer,
  type ReachPort,
} from '../../analysis/network/index.ts';
import { wayInGaps } from '../../analysis/network/inhabitants/routes.ts';
import { hasPort, isEmpty } from '../../analysis/network/ports/ports.ts';
import { becauseOfGap, type Because } from '../../model/because.ts';
import { formatRef, refId } from '../../model/object.ts';
import type { Gap } from '../../model/snapshot.ts';
import type { Facts } from '../facts.ts';
import { holds, unknown, violated, type Judgement } from '../judgement.ts';
import { describeParty, queryOf, type Party } from './reach-parties.ts';

/** What is asked of a pair: one port, or any when undefined. */
export type Port = Required<ReachPort> | undefined;

/** Every pair of pods connects on the port; without a port, on some port. */
export function isAllowed(network: NetworkAnalysis, source: Party, destination: Party, port: Port): Judgement {
  if (source.kind === 'nodes' || destination.kind === 'nodes') return unknown(nodesAreOpen());
  const answer = network.query(queryOf(source), queryOf(destination), port);
  const always = port ? hasPort(answer.everyPair, port.protocol, port.port) : !isEmpty(answer.everyPair);
  const what = sentence(source, destination, port);
  if (always) return holds(...prefixed(what.can, answer.because));
  if (answer.verdict === 'denied') return violated(...prefixed(what.cannot, answer.because));
  if (answer.verdict === 'allowed')
    return violated({
      kind: 'rule',
      source: 'NetworkPolicy',
      says: `${what.cannot} from every pod: only some of them are let through`,
    });
  return unknown(...prefixed(what.perhaps, answer.because));
}

/** No pair of pods connects on the port; without a port, on none. */
export function isDenied(facts: Facts, source: Party, destination: Party, port: Port): Judgement {
  if (source.kind === 'nodes' || destination.kind === 'nodes') return unknown(nodesAreOpen());
  if (source.kind === 'outside' && destination.kind === 'workload')
    return isClosedToOutside(facts, source, destination, port);
  const answer = facts.network.query(queryOf(source), queryOf(destination), port);
  return judgementOf(answer, sentence(source, destination, port));
}

function judgementOf(answer: ReachAnswer, what: Sentence): Judgement {
  switch (answer.verdict) {
    case 'denied':
      return holds(...prefixed(what.cannot, answer.because));
    case 'allowed':
      return violated(...prefixed(what.can, answer.because));
    case 'implementationDefined':
    case 'unknown':
      return unknown(...prefixed(what.perhaps, answer.because));
  }
}

/**
 * From outside a pod is reached through something that leads there (a load balancer, a node port, a route), or by its
 * own address where the network routes those. Policies may close the door in both cases.
 */
function isClosedToOutside(
  facts: Facts,
  source: Party,
  destination: Party & { kind: 'workload' },
  port: Port,
): Judgement {
  const what = sentence(source, destination, port);
  const exposures = exposuresOf(facts, destination, port);
  const open = exposures.filter(({ verdict }) => verdict === 'allowed');
  if (open.length > 0) return violated(...open.flatMap((way) => wayIn(what.can, way)));
  const direct = facts.network.query(queryOf(source), queryOf(destination), port);
  const doubtful = exposures.filter(({ verdict }) => verdict !== 'denied');
  if (doubtful.length > 0) return unknown(...doubtful.flatMap((way) => wayIn(what.perhaps, way)));
  const unread = [...new Set<Gap>(wayInGaps(facts.snapshot, destination.workload.namespace))];
  if (unread.length > 0) return unknown(...unread.map(becauseOfGap));
  if (direct.verdict !== 'allowed') return judgementOf(direct, what);
  return unknown({
    kind: 'parameter',
    parameter: 'podAddressesRoutedFromOutside',
    says: `no Service, Ingress or host port leads from outside to ${describeParty(destination)}, and no policy closes it either: it is closed only where addresses of pods are not routed from outside`,
  });
}

function exposuresOf({ network }: Facts, { workload }: Party & { kind: 'workload' }, port: Port): readonly Exposure[] {
  const id = refId(workload.ref);
  return network
    .exposures()
    .filter(
      (way) => refId(way.workload) === id && (port === undefined || hasPort(way.ports, port.protocol, port.port)),
    );
}

function wayIn(says: string, way: Exposure): readonly Because[] {
  const opened: Because = {
    kind: 'field',
    object: way.by,
    path: way.via === 'LoadBalancer' || way.via === 'NodePort' ? 'spec.type' : 'spec',
    value: way.via,
    says: `${says}: ${formatRef(way.by)} (${way.via}) leads to it on ${formatPorts(way.ports)}`,
  };
  return [opened, ...way.because.slice(0, 2)];
}

function nodesAreOpen(): Because {
  return {
    kind: 'parameter',
    parameter: 'nodeTraffic',
    says: 'a pod is always open to its own node, and whether policies hold for the other nodes is left to the implementation',
  };
}

interface Sentence {
  readonly can: string;
  readonly cannot: string;
  readonly perhaps: string;
}

function sentence(source: Party, destination: Party, port: Port): Sentence {
  const on = port ? ` on ${port.protocol} ${port.port}` : '';
  const [from, to] = [describeParty(source), `${describeParty(destination)}${on}`];
  return {
    can: `${from} can reach ${to}`,
    cannot: `${from} cannot reach ${to}`,
    perhaps: `${from} may or may not reach ${to}`,
  };
}

function prefixed(says: string, because: readonly Because[]): readonly Because[] {
  if (because.length === 0)
    return [{ kind: 'rule', source: 'NetworkPolicy', says: `${says}: no policy isolates either end` }];
  return because.slice(0, 3).map((reason) => ({ ...reason, says: `${says}: ${reason.says}` }));
}
