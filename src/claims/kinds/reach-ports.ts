import { memoisedWeakly } from '../../model/memoised.ts';
import type { NetworkAnalysis, ReachPort } from '../../analysis/network/index.ts';
import { PROTOCOLS, type PortSet, type Protocol } from '../../analysis/network/ports/ports.ts';
import { record, records } from '../../model/json.ts';
import type { PortSpec } from '../schema/selection.ts';
import type { Party } from './reach-parties.ts';

/**
 * Ports to ask about: one of every stretch of the claimed ports on which no policy can make a difference, so that
 * asking about it answers for the whole stretch. `everything` is one question about all ports.
 */
export type AskedPorts =
  | { readonly kind: 'everything' }
  | { readonly kind: 'these'; readonly ports: readonly Required<ReachPort>[] };

/** The ports a claim asks about at a destination: names become the numbers its containers give them. */
export function askedPorts(network: NetworkAnalysis, destination: Party): AskedPorts {
  if (!destination.ports) return { kind: 'everything' };
  const ports = destination.ports.flatMap((spec) => numbersOf(network, spec, destination));
  return { kind: 'these', ports: [...new Map(ports.map((port) => [`${port.protocol} ${port.port}`, port])).values()] };
}

function numbersOf(network: NetworkAnalysis, spec: PortSpec, destination: Party): readonly Required<ReachPort>[] {
  const { port, endPort, protocol } = spec;
  if (typeof port === 'string') return destination.kind === 'workload' ? namedPorts(destination, port, protocol) : [];
  if (endPort === undefined || endPort === port) return [{ port, protocol }];
  const starts = [port, ...boundaries(network, protocol).filter((start) => start > port && start <= endPort)];
  return starts.map((start) => ({ port: start, protocol }));
}

/** The numbers a container gives a port name, on every pod of the destination. */
function namedPorts(
  { workload }: Party & { kind: 'workload' },
  name: string,
  protocol: Protocol,
): readonly Required<ReachPort>[] {
  return workload.endpoints.flatMap(({ spec }) =>
    [...records(spec['containers']), ...records(spec['initContainers'])].flatMap(([, container]) =>
      records(container['ports']).flatMap(([, raw]) => {
        const { name: given, containerPort, protocol: written = 'TCP' } = record(raw);
        return given === name && written === protocol && typeof containerPort === 'number'
          ? [{ port: containerPort, protocol }]
          : [];
      }),
    ),
  );
}

/** Where the answer may change from one port to the next: the edges of every range any rule names, and every container port. */
function boundaries(network: NetworkAnalysis, protocol: Protocol): readonly number[] {
  return boundariesOf(network)[protocol];
}

const boundariesOf = memoisedWeakly((network: NetworkAnalysis): Readonly<Record<Protocol, readonly number[]>> => {
  const starts: Readonly<Record<Protocol, Set<number>>> = { TCP: new Set(), UDP: new Set(), SCTP: new Set() };
  const add = (set: PortSet): void => {
    for (const protocol of PROTOCOLS)
      for (const [from, to] of set[protocol] ?? []) starts[protocol].add(from).add(to + 1);
  };
  for (const { rules } of network.policies) {
    for (const { ports } of [...rules.ingress, ...rules.egress]) {
      if (ports !== 'all') for (const term of ports) if (term.kind === 'numbers') add(term.ports);
    }
  }
  for (const { spec } of network.workloads.flatMap(({ endpoints }) => endpoints)) {
    for (const [, container] of [...records(spec['containers']), ...records(spec['initContainers'])]) {
      for (const [, port] of records(container['ports'])) {
        const number = port['containerPort'];
        if (typeof number === 'number') for (const protocol of PROTOCOLS) starts[protocol].add(number).add(number + 1);
      }
    }
  }
  const sorted = (set: Set<number>): readonly number[] => [...set].sort((a, b) => a - b);
  return { TCP: sorted(starts.TCP), UDP: sorted(starts.UDP), SCTP: sorted(starts.SCTP) };
});
