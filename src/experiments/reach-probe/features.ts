import type { Protocol } from '../../analysis/network/index.ts';
import type { KubernetesObject } from '../../model/object.ts';
import type { LivePod } from '../probes/live-pods.ts';
import { fromRole, policyFor } from './canary-objects.ts';
import { otherFamily, type CanaryWorld, type CanaryWorlds } from './canary-world.ts';
import { SERVER_PORTS } from './kits.ts';

/** One connection a feature is judged by. What is expected of it is what the engine predicts. */
export interface Ask {
  readonly from: LivePod;
  readonly to: LivePod;
  readonly port: number;
  readonly protocol: Protocol;
  /** Address and port dialled where they differ from the pod's. */
  readonly dial?: { readonly host: string; readonly port: number; readonly via: 'pod' | 'service' };
}

/** One thing a network plugin may or may not enforce. */
export interface Feature {
  readonly id: string;
  readonly title: string;
  /** The node at which it is enforced: where the packet leaves, or where it arrives. */
  readonly at: 'from' | 'to';
  /** One that differs between families has the family in its name. */
  policies(world: CanaryWorld): readonly KubernetesObject[];
  asks(world: CanaryWorld): readonly Ask[];
  /** Why it can't be tried here. */
  readonly untestable?: (world: CanaryWorld) => string | undefined;
}

const [HTTP, SECOND, THIRD] = SERVER_PORTS;

/** Each server from the client on its own node and, where there is one, from the client on the next. */
function pairs(world: CanaryWorld): readonly { readonly from: LivePod; readonly to: LivePod }[] {
  return world.servers.flatMap((to, i) => {
    const clients = new Set([world.clients[i], world.clients[(i + 1) % world.clients.length]]);
    return [...clients].flatMap((from) => (from ? [{ from, to }] : []));
  });
}

function eachPair(world: CanaryWorld, ports: readonly number[], protocol: Protocol = 'TCP'): readonly Ask[] {
  return pairs(world).flatMap((pair) => ports.map((port) => ({ ...pair, port, protocol })));
}

function fromOther(world: CanaryWorld, ports: readonly number[]): readonly Ask[] {
  return world.servers.flatMap((to) =>
    ports.map((port) => ({ from: world.other, to, port, protocol: 'TCP' as const })),
  );
}

const closed = (name: string, rules: readonly object[]) => (world: CanaryWorld) => [
  policyFor(world.namespace, name, 'server', { ingress: rules as readonly Record<string, unknown>[] }),
];

/** What may be enforced in one family of addresses and not in the other. */
const OF_EACH_FAMILY: readonly Feature[] = [
  {
    id: 'ingress',
    title: 'a pod isolated for ingress is not reached',
    at: 'to',
    policies: closed('ingress', []),
    asks: (world) => eachPair(world, [HTTP]),
  },
  {
    id: 'egress',
    title: 'a pod isolated for egress reaches only what is allowed',
    at: 'from',
    policies: (world) => [policyFor(world.namespace, 'egress', 'client', { egress: [{ to: [fromRole('control')] }] })],
    asks: (world) => eachPair(world, [HTTP]),
  },
  {
    id: 'podSelector',
    title: 'a peer chosen by its labels is let in, another is not',
    at: 'to',
    policies: closed('pod-selector', [{ from: [fromRole('other')] }]),
    asks: (world) => [...eachPair(world, [HTTP]), ...fromOther(world, [HTTP])],
  },
  {
    id: 'endPort',
    title: 'a range of ports is open, the port behind it is not',
    at: 'to',
    policies: closed('end-port', [{ ports: [{ protocol: 'TCP', port: HTTP, endPort: SECOND }] }]),
    asks: (world) => eachPair(world, [HTTP, SECOND, THIRD]),
  },
  {
    id: 'namedPort',
    title: 'a port by name is open, another is not',
    at: 'to',
    policies: closed('named-port', [{ ports: [{ protocol: 'TCP', port: 'http' }] }]),
    asks: (world) => eachPair(world, [HTTP, SECOND]),
  },
  {
    id: 'ipBlock',
    title: "one pod's address is let in, others are not",
    at: 'to',
    policies: (world) =>
      closed(`ip-block-${world.family.toLowerCase()}`, [{ from: [{ ipBlock: { cidr: host(world.other) } }] }])(world),
    asks: (world) => [...eachPair(world, [HTTP]), ...fromOther(world, [HTTP])],
  },
  {
    id: 'except',
    title: 'addresses excepted from a block are not let in, the rest is',
    at: 'to',
    policies: (world) =>
      closed(`except-${world.family.toLowerCase()}`, [
        { from: [{ ipBlock: { cidr: everything(world.other), except: world.clients.map(host) } }] },
      ])(world),
    asks: (world) => [...eachPair(world, [HTTP]), ...fromOther(world, [HTTP])],
  },
  {
    id: 'udp',
    title: 'UDP is closed where only TCP is allowed',
    at: 'to',
    policies: closed('udp', [{ ports: [{ protocol: 'TCP', port: HTTP }] }]),
    asks: (world) => [...eachPair(world, [HTTP]), ...eachPair(world, [HTTP], 'UDP')],
  },
  {
    id: 'service',
    title: 'policies hold for connections through a Service',
    at: 'to',
    policies: closed('service', [{ from: [fromRole('other')], ports: [{ protocol: 'TCP', port: HTTP }] }]),
    asks: (world) => {
      const [to] = world.servers;
      const dial = { host: world.serviceAddress ?? '', port: 80, via: 'service' } as const;
      return to
        ? [...world.clients, world.other].map((from) => ({ from, to, port: HTTP, protocol: 'TCP' as const, dial }))
        : [];
    },
    untestable: ({ serviceAddress, family }) =>
      serviceAddress === undefined ? `the Service got no ${family} address` : undefined,
  },
  {
    id: 'loopback',
    title: 'an isolated pod still reaches itself',
    at: 'to',
    policies: closed('loopback', []),
    asks: (world) => world.servers.map((server) => ({ from: server, to: server, port: HTTP, protocol: 'TCP' })),
  },
];

const SCTP: Feature = {
  id: 'sctp',
  title: 'SCTP is closed where only TCP is allowed',
  at: 'to',
  policies: () => [],
  asks: () => [],
  untestable: () => 'no program in the images of the canary speaks SCTP, and few kernels have it loaded',
};

/** The features of the family that pods don't have their first addresses in, all by one name. */
export const OTHER_FAMILY = 'ipv6';

/** Names of all that is tried. */
export const FEATURE_IDS: readonly string[] = [...OF_EACH_FAMILY.map(({ id }) => id), OTHER_FAMILY, SCTP.id];

/** A feature, and the pods with the addresses it is tried with. */
export interface Trial {
  readonly feature: Feature;
  readonly world: CanaryWorld;
}

/** Trials made at the same time: the policies of all of them are in force together. */
export type Step = readonly Trial[];

/**
 * What is tried, step by step: each feature, over the family of the pods' first addresses and side by side with it over
 * the other one (`ipv6/ingress`), where the pods have addresses of it. `only` names those of `FEATURE_IDS` that are wanted.
 */
export function stepsIn([first, second]: CanaryWorlds, only: readonly string[] = FEATURE_IDS): readonly Step[] {
  const family = otherFamily(first.family);
  const prefix = family.toLowerCase();
  const overOther = (feature: Feature, world: CanaryWorld): Trial => ({
    feature: { ...feature, id: `${prefix}/${feature.id}`, title: `over ${family}: ${feature.title}` },
    world,
  });
  const wantsOther = only.includes(OTHER_FAMILY);
  const steps = OF_EACH_FAMILY.map((feature): Step => [
    ...(only.includes(feature.id) ? [{ feature, world: first }] : []),
    ...(wantsOther && second ? [overOther(feature, second)] : []),
  ]);
  return [
    ...steps.filter((step) => step.length > 0),
    ...(wantsOther && !second ? [[{ feature: withoutAddresses(prefix, family), world: first }]] : []),
    ...(only.includes(SCTP.id) ? [[{ feature: SCTP, world: first }]] : []),
  ];
}

function withoutAddresses(id: string, family: string): Feature {
  return {
    ...SCTP,
    id,
    title: `isolation holds for ${family}`,
    untestable: () => `the pods have no ${family} addresses`,
  };
}

function host({ address }: LivePod): string {
  return `${address}/${address.includes(':') ? 128 : 32}`;
}

function everything({ address }: LivePod): string {
  return address.includes(':') ? '::/0' : '0.0.0.0/0';
}
