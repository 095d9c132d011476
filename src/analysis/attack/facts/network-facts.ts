import { NETWORK_POLICY } from '../../../model/policy-kinds.ts';
import type { Because } from '../../../model/because.ts';
import { at, records, text } from '../../../model/json.ts';
import { refOf, type ObjectRef } from '../../../model/object.ts';
import { withKinds, type Resource, type Snapshot } from '../../../model/snapshot.ts';
import { controllerOf } from '../../../model/workloads.ts';
import type { Exposure, NetworkAnalysis, PortSet, ReachAnswer } from '../../network/index.ts';
import type { PodUnit } from './pod-units.ts';
import { disguises } from './disguises.ts';
import { toUnknown, withUnknown } from './unknown-address.ts';
import { node } from '../nodes.ts';
import type { Fact } from '../world/fact.ts';
import { once } from '../world/once.ts';
import type { PodIndex } from '../world/pod-index.ts';

/** That a way from outside leads to ports of a pod, and policies let packets through. */
export interface Exposed {
  readonly unit: PodUnit;
  /** The object that opens the way. */
  readonly by: ObjectRef;
  /** The Service that a route leads to. */
  readonly service?: ObjectRef;
  admits(port: number): boolean;
  readonly because: readonly Because[];
  readonly open?: string;
}

/** The part of the graph's facts that the network analysis knows. */
export interface NetworkFacts {
  /** Whether a connection from one pod reaches a port of another under all policies. */
  reaches(from: PodUnit, to: PodUnit, port: number): Fact;
  /** The same once the NetworkPolicies in the way are deleted, or written anew: that overrules a baseline, and no admin policy. */
  reachesDespite(from: PodUnit, to: PodUnit, port: number, by: 'deleting' | 'writing'): Fact;
  /** The NetworkPolicies that keep a pod from a port of another, on either side; none where something else does. */
  closedBy(from: PodUnit, to: PodUnit, port: number): readonly ObjectRef[];
  /** Whether no policy restricts any pod. */
  isUnrestricted(): boolean;
  /** Whether some labels let a pod of a namespace, or (undefined) of one of choice, reach a port of another pod. */
  reachesAsSomePod(namespace: string | undefined, to: PodUnit, port: number): Fact;
  /** Whether some labels of its namespace let a pod do so. */
  reachesRelabelled(from: PodUnit, to: PodUnit, port: number): Fact;
  /** Whether a pod's packets reach the API server. */
  reachesApi(from: PodUnit): Fact;
  /** Whether a pod's packets reach a port of an address that is no pod's. */
  reachesAddress(from: PodUnit, address: string, port: number): Fact;
  /** The same for an address nobody knows: certain only when all may be reached, or none. */
  reachesAnywhere(from: PodUnit, ports: readonly number[]): Fact;
  /** Whether the API server's packets reach a port of a pod: they come from its own address, and policies see that. */
  reachedFromApi(to: PodUnit, port: number): Fact;
  /** Pods that outsiders can connect to. */
  exposed(): readonly Exposed[];
  /** The analysis behind the answers; made when it is first needed, since many questions never are about the network. */
  analysis(): NetworkAnalysis;
}

export function networkFacts(snapshot: Snapshot, pods: PodIndex, analyse: () => NetworkAnalysis): NetworkFacts {
  const apis = once(() => apiEndpoints(snapshot));
  const fromSources = new Map<string, Fact>();
  const network = once(analyse);
  const isUnrestricted = once(() => network().policies.length === 0 && network().gaps.length === 0);
  const disguised = once(() => disguises(snapshot, network));
  const names = once(() => namesIn(network()));
  const nameOf = (unit: PodUnit): ObjectRef => names()(unit);
  const peer = (unit: PodUnit) => {
    const { kind, name } = nameOf(unit);
    return { kind: 'workload', namespace: unit.namespace, name, workloadKind: kind } as const;
  };
  const without = (kinds: Parameters<typeof withKinds>[1]): NetworkAnalysis =>
    network().update(withKinds(snapshot, kinds));
  const isOverruled = once(() => network().policies.some(({ tier }) => tier !== 'namespace'));
  const tampered = {
    deleting: once(() => without(new Map([[NETWORK_POLICY, []]]))),
    writing: once(() => without(new Map([[NETWORK_POLICY, []], ...adminTiers(snapshot)]))),
  };
  return {
    reaches(from, to, port) {
      const quick = network().reaches(nameOf(from), nameOf(to), 'TCP', port);
      if (quick === false) return { holds: false, because: [] };
      return factOf(network().query(peer(from), peer(to), { port }));
    },
    reachesDespite(from, to, port, by) {
      if (!isOverruled()) return { holds: true, because: [] };
      return factOf(tampered[by]().query(peer(from), peer(to), { port }));
    },
    closedBy(from, to, port) {
      const { verdict, because } = network().query(peer(from), peer(to), { port });
      return verdict === 'denied' ? because.flatMap(isolating) : [];
    },
    isUnrestricted,
    reachesAsSomePod: (namespace, to, port) =>
      isUnrestricted() ? UNRESTRICTED : disguised().asSomePod(namespace, to, port),
    reachesRelabelled: (from, to, port) => (isUnrestricted() ? UNRESTRICTED : disguised().inRelabelled(from, to, port)),
    reachesApi: (from) => asSource('api', from, () => askApi(from)),
    reachesAnywhere: (from, ports) => asSource(`any ${ports.join(' ')}`, from, () => askAnywhere(from, ports)),
    reachesAddress: (from, address, port) =>
      asSource(`${address} ${port}`, from, () =>
        factOf(network().query(peer(from), { kind: 'cidr', cidr: hostRange(address) }, { port })),
      ),
    reachedFromApi(to, port) {
      if (isUnrestricted()) return UNRESTRICTED;
      const from = (cidr: string) => network().query({ kind: 'cidr', cidr }, peer(to), { port });
      return apis().length > 0 ? factOf(mostOpen(apis().map(({ address }) => from(address)))) : withUnknown(from);
    },
    exposed: once(() => exposedUnits(pods, network(), nameOf)),
    analysis: network,
  };

  /** What is asked about a destination outside is the same for all pods that policies treat alike. */
  function asSource(destination: string, from: PodUnit, ask: () => Fact): Fact {
    if (isUnrestricted()) return UNRESTRICTED;
    const key = `${destination} ${sourceKey(from)}`;
    let known = fromSources.get(key);
    if (!known) fromSources.set(key, (known = ask()));
    return known;
  }

  function askApi(from: PodUnit): Fact {
    if (apis().length > 0) {
      const answers = apis().map(({ address, port }) =>
        network().query(peer(from), { kind: 'cidr', cidr: address }, { port }),
      );
      return factOf(mostOpen(answers));
    }
    return askAnywhere(from, [443, 6443]);
  }

  function askAnywhere(from: PodUnit, ports: readonly number[]): Fact {
    return toUnknown(ports, (cidr, port) => network().query(peer(from), { kind: 'cidr', cidr }, { port }));
  }
}

/** The policy, where the reason is that it isolates a side and allows nothing of this. */
function isolating(reason: Because): readonly ObjectRef[] {
  const isOne = reason.kind === 'field' && reason.object.kind === 'NetworkPolicy' && reason.path === 'spec.podSelector';
  return isOne ? [reason.object] : [];
}

const GROUP = 'policy.networking.k8s.io';

/** The admin policies without those of the baseline, which only counts where no NetworkPolicy does. */
function adminTiers(snapshot: Snapshot): readonly (readonly [string, readonly Resource[]])[] {
  const clusterWide = `ClusterNetworkPolicy.${GROUP}`;
  const first = snapshot.list(clusterWide).filter(({ object }) => at(object, 'spec', 'tier') !== 'Baseline');
  return [
    [`BaselineAdminNetworkPolicy.${GROUP}`, []],
    [clusterWide, first],
  ];
}

const UNRESTRICTED: Fact = {
  holds: true,
  because: [{ kind: 'absence', of: 'NetworkPolicy', says: 'no policy restricts any pod of the cluster' }],
};

/** Pods for which policies ask the same: a pod's own address never decides where it may connect to. */
function sourceKey({ namespace, spec, workload }: PodUnit): string {
  const { labels } = workload.template;
  const live = workload.pods[0]?.object.metadata.labels;
  return JSON.stringify([namespace, spec['hostNetwork'] === true, live ?? labels]);
}

function exposedUnits(
  pods: PodIndex,
  network: NetworkAnalysis,
  nameOf: (unit: PodUnit) => ObjectRef,
): readonly Exposed[] {
  // Few pods are exposed: most are found by their own name. The workload comes before those of its pods that have more than it says.
  const every = once(
    () =>
      new Map(
        pods
          .all()
          .toReversed()
          .map((unit) => [idOf(nameOf(unit)), unit]),
      ),
  );
  const unitNamed = (ref: ObjectRef): PodUnit | undefined => {
    const near = pods.at(node('Shell', ref.name, ref.namespace));
    return near.find((unit) => !unit.dormant && idOf(nameOf(unit)) === idOf(ref)) ?? every().get(idOf(ref));
  };
  return network.exposures().flatMap((exposure) => {
    const unit = unitNamed(exposure.workload);
    return unit ? exposedBy(unit, exposure) : [];
  });
}

/** The name the network analysis has for the pods of a unit: their top owner's, their controller's, or their own. */
function namesIn(network: NetworkAnalysis): (unit: PodUnit) => ObjectRef {
  const known = new Map<string, boolean>();
  const isThere = (ref: ObjectRef): boolean => {
    const id = idOf(ref);
    let there = known.get(id);
    if (there === undefined) {
      const { kind, name, namespace = 'default' } = ref;
      there = network.missing({ kind: 'workload', namespace, name, workloadKind: kind }) === undefined;
      known.set(id, there);
    }
    return there;
  };
  return ({ workload: { ref, pods } }) => {
    const [pod] = pods;
    if (!pod || isThere(ref)) return ref;
    return [controllerOf(pod.object), refOf(pod.object)].find((name) => name !== undefined && isThere(name)) ?? ref;
  };
}

function exposedBy(unit: PodUnit, exposure: Exposure): readonly Exposed[] {
  if (exposure.verdict === 'denied') return [];
  const open =
    exposure.verdict === 'allowed'
      ? {}
      : { open: exposure.because[0]?.says ?? 'not known whether a packet from outside is let in' };
  const { by, service, ports, because } = exposure;
  return [
    {
      unit,
      by,
      ...(service === undefined ? {} : { service }),
      admits: (port) => includes(ports, port),
      because,
      ...open,
    },
  ];
}

function includes(ports: PortSet, port: number): boolean {
  return (ports.TCP ?? []).some(([from, to]) => from <= port && port <= to);
}

function mostOpen(answers: readonly ReachAnswer[]): ReachAnswer | undefined {
  return (
    answers.find(({ verdict }) => verdict === 'allowed') ??
    answers.find(({ verdict }) => verdict !== 'denied') ??
    answers[0]
  );
}

function factOf(answer: ReachAnswer | undefined): Fact {
  if (!answer || answer.verdict === 'denied') return { holds: false, because: answer?.because ?? [] };
  return { holds: answer.verdict === 'allowed' ? true : 'unknown', because: answer.because };
}

/** Addresses behind the Service default/kubernetes. */
function apiEndpoints(snapshot: Snapshot): readonly { readonly address: string; readonly port: number }[] {
  const endpoints = snapshot.get('Endpoints', 'default', 'kubernetes')?.object;
  const slices = snapshot
    .list('EndpointSlice.discovery.k8s.io')
    .filter(
      ({ object }) =>
        object.metadata.namespace === 'default' &&
        object.metadata.labels?.['kubernetes.io/service-name'] === 'kubernetes',
    );
  const classic = records(endpoints?.['subsets']).flatMap(([, subset]) =>
    records(subset['addresses']).flatMap(([, entry]) =>
      records(subset['ports']).map(([, port]) => ({ ip: text(entry['ip']), port: port['port'] })),
    ),
  );
  const sliced = slices.flatMap(({ object }) =>
    records(object['endpoints']).flatMap(([, entry]) =>
      records(object['ports']).map(([, port]) => ({ ip: text(at(entry, 'addresses', 0)), port: port['port'] })),
    ),
  );
  return [...sliced, ...classic].flatMap(({ ip, port }) =>
    ip === undefined || typeof port !== 'number' ? [] : [{ address: hostRange(ip), port }],
  );
}

function hostRange(address: string): string {
  return `${address}/${address.includes(':') ? 128 : 32}`;
}

function idOf(ref: ObjectRef): string {
  return `${ref.kind}/${ref.namespace ?? ''}/${ref.name}`;
}
