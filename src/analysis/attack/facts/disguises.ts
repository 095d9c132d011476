import type { KubernetesObject } from '../../../model/object.ts';
import { NETWORK_POLICY } from '../../../model/policy-kinds.ts';
import { WORKLOAD_KINDS } from '../../../model/pods.ts';
import { formatSelector, matches, type Labels, type LabelSelector } from '../../../model/selectors.ts';
import { withKinds, type Resource, type Snapshot } from '../../../model/snapshot.ts';
import { analyseNetwork, type NetworkAnalysis, type ReachAnswer } from '../../network/index.ts';
import { eachTerm } from '../../network/policies/each-term.ts';
import type { PeerTerm, Policy } from '../../network/policies/policy.ts';
import { labelsMeeting } from '../../network/what-if/strangers.ts';
import type { Fact } from '../world/fact.ts';
import type { PodUnit } from './pod-units.ts';

/** What pods may reach whose labels, or whose namespace's, somebody chooses: most policies tell pods apart by nothing else. */
export interface Disguises {
  /** Whether some labels let a pod of a namespace, or (undefined) of one of choice, reach a port of another pod. */
  asSomePod(namespace: string | undefined, to: PodUnit, port: number): Fact;
  /** Whether some labels of its namespace let a pod do so. */
  inRelabelled(from: PodUnit, to: PodUnit, port: number): Fact;
}

/** Sets of labels tried. */
const MOST_TRIED = 100;

const NAME_LABEL = 'kubernetes.io/metadata.name';
const TARGET = 'seaworthy-target';
const INTRUDER = 'seaworthy-intruder';

/**
 * Tries one set of labels for every selector of the policies that bear on two pods, alone and with one that decides what the
 * first may connect to. A trial is an analysis of the two pods alone under these policies.
 */
export function disguises(snapshot: Snapshot, network: () => NetworkAnalysis): Disguises {
  const known = new Map<string, Fact>();
  const remembered = (key: string, compute: () => Fact): Fact => {
    let fact = known.get(key);
    if (!fact) known.set(key, (fact = compute()));
    return fact;
  };
  return {
    asSomePod(namespace, to, port) {
      if (namespace !== undefined) return asPodOf(namespace, to, port);
      const places = placesFor(bearingOn(network().policies, [to.namespace]), to.namespace);
      return firstOpen(places.map((place) => () => asPodOf(place, to, port)));
    },
    inRelabelled: (from, to, port) =>
      remembered(`${idOf(from)} > ${idOf(to)}:${port}`, () => {
        const { namespace, spec } = from;
        const object = snapshot.get('Namespace', undefined, namespace)?.object;
        const pod = { ...podOf(INTRUDER, namespace, labelsOf(from)), spec };
        const tries = labelsOfNamespaces(bearingOn(network().policies, [namespace, to.namespace]), object);
        return firstOpen(
          tries.map((labels) => () => {
            const says = `once namespace ${namespace} has ${inWords(labels)}, ${namespace}/${from.name} is let through to ${to.namespace}/${to.name}:${port}`;
            return factOf(asked(analysed(to, namespace, [pod], labels), INTRUDER, namespace, to, port), says);
          }),
        );
      }),
  };

  function asPodOf(namespace: string, to: PodUnit, port: number): Fact {
    return remembered(`${namespace} ${idOf(to)}:${port}`, () => {
      const tries = labelsOfPods(bearingOn(network().policies, [namespace, to.namespace]));
      const pods = tries.slice(0, MOST_TRIED).map((labels, index) => podOf(`${INTRUDER}-${index}`, namespace, labels));
      const alone = analysed(to, namespace, pods);
      return firstOpen(
        tries.map((labels, index) => () => {
          const says = `a pod of ${namespace} with ${inWords(labels)} is let through to ${to.namespace}/${to.name}:${port}`;
          return factOf(asked(alone, `${INTRUDER}-${index}`, namespace, to, port), says);
        }),
      );
    });
  }

  /** The namespace of the pod itself, and of those that are there one for each that policies tell apart. */
  function placesFor(policies: readonly Policy[], own: string): readonly string[] {
    const { namespaces } = network();
    const named = termsOf(policies).flatMap(({ namespaces: scope }) =>
      scope.kind === 'name'
        ? [scope.name]
        : [...namespaces.values()].flatMap(({ name, labels }) => (matches(scope.selector, labels) ? [name] : [])),
    );
    return [...new Set([own, ...named])].filter((name) => namespaces.has(name));
  }

  /** The network of the two pods alone, and of a namespace with other labels where some are given. */
  function analysed(to: PodUnit, namespace: string, pods: readonly KubernetesObject[], labels?: Labels) {
    const target = { ...podOf(TARGET, to.namespace, labelsOf(to)), spec: to.spec };
    const places = [namespace, to.namespace];
    const policies = snapshot
      .list(NETWORK_POLICY)
      .filter(({ object }) => places.includes(object.metadata.namespace ?? 'default'));
    const namespaces = snapshot.list('Namespace').filter(({ object }) => object.metadata.name !== namespace);
    const relabelled = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: labels ?? {} } };
    const given = new Map<string, readonly Resource[]>(WORKLOAD_KINDS.map((kind) => [kind, []]));
    given.set(
      'Pod',
      [target, ...pods].map((object) => ({ object })),
    );
    given.set(NETWORK_POLICY, policies);
    if (labels) given.set('Namespace', [...namespaces, { object: relabelled }]);
    const small = withKinds(snapshot, given);
    return analyseNetwork(small, { profile: network().profile });
  }
}

function asked(network: NetworkAnalysis, name: string, namespace: string, to: PodUnit, port: number): ReachAnswer {
  const from = { kind: 'workload', namespace, name, workloadKind: 'Pod' } as const;
  return network.query(
    from,
    { kind: 'workload', namespace: to.namespace, name: TARGET, workloadKind: 'Pod' },
    { port },
  );
}

function factOf({ verdict, because }: ReachAnswer, says: string): Fact {
  const disguise = [{ kind: 'rule', source: 'NetworkPolicy', says } as const];
  if (verdict === 'allowed') return { holds: true, because: disguise };
  return verdict === 'denied' ? NO_WAY : { holds: 'unknown', because: [...because, ...disguise] };
}

const NO_WAY: Fact = { holds: false, because: [] };

/** The first trial that opens the way; unknown when one may, or when there are too many. */
function firstOpen(trials: readonly (() => Fact)[]): Fact {
  let open: Fact | undefined;
  for (const trial of trials.slice(0, MOST_TRIED)) {
    const fact = trial();
    if (fact.holds === true) return fact;
    if (fact.holds === 'unknown') open ??= fact;
  }
  if (open || trials.length <= MOST_TRIED) return open ?? NO_WAY;
  const says = `policies tell ${trials.length} kinds of pods apart, and not all were tried`;
  return { holds: 'unknown', because: [{ kind: 'parameter', parameter: 'labels', says }] };
}

/** Policies that may select pods of these namespaces. */
function bearingOn(policies: readonly Policy[], places: readonly string[]): readonly Policy[] {
  return policies.filter(
    ({ ref }) => ref.namespace === undefined || places.includes(ref.namespace) || ref.kind !== 'NetworkPolicy',
  );
}

/** Labels that meet a peer of a policy, alone and with those for which a policy decides what a pod connects to. */
function labelsOfPods(policies: readonly Policy[]): readonly Labels[] {
  const wanted = termsOf(policies).map(({ pods }) => labelsMeeting(pods));
  const subjects = policies.map(({ subject }) => labelsMeeting(subject.pods));
  return distinct([
    {},
    ...wanted,
    ...subjects,
    ...wanted.flatMap((one) => subjects.map((other) => ({ ...other, ...one }))),
  ]);
}

/** Labels that meet what policies ask of a namespace, alone and beside those that it has; its name stays. */
function labelsOfNamespaces(policies: readonly Policy[], object: KubernetesObject | undefined): readonly Labels[] {
  const wanted = [...policies.map(({ subject }) => subject), ...termsOf(policies)].flatMap(({ namespaces }) =>
    namespaces.kind === 'labels' ? [labelsMeeting(namespaces.selector)] : [],
  );
  const own = object?.metadata.labels ?? {};
  const name = object === undefined ? {} : { [NAME_LABEL]: object.metadata.name };
  return distinct(
    [{}, ...wanted.flatMap((one) => [{ ...own, ...one }, one])].map((labels) => ({ ...labels, ...name })),
  );
}

type PodsTerm = Extract<PeerTerm, { readonly kind: 'pods' }>;

/** The pods that the rules of policies mean, however a peer is put together. */
function termsOf(policies: readonly Policy[]): readonly PodsTerm[] {
  const found: PodsTerm[] = [];
  for (const policy of policies)
    eachTerm(policy, (term) => {
      if (term.kind === 'pods') found.push(term);
    });
  return found;
}

function distinct(all: readonly Labels[]): readonly Labels[] {
  return [...new Map(all.map((one) => [formatSelector(required(one)), one])).values()];
}

function podOf(name: string, namespace: string, labels: Labels): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels },
    spec: { containers: [{ name: 'main' }] },
  };
}

function labelsOf({ workload }: PodUnit): Labels {
  return workload.pods[0]?.object.metadata.labels ?? workload.template.labels;
}

function idOf({ ref, namespace, name }: PodUnit): string {
  return `${ref.kind} ${namespace}/${name}`;
}

function inWords(labels: Labels): string {
  const written = Object.entries(labels).filter(([key]) => key !== NAME_LABEL);
  if (written.length === 0) return 'no labels';
  return `the labels ${formatSelector(required(Object.fromEntries(written)))}`;
}

function required(labels: Labels): LabelSelector {
  return Object.entries(labels)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => ({ operator: 'In', key, values: [value] }));
}
