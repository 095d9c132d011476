import type { Because } from '../../../model/because.ts';
import { formatRef, refId, type ObjectRef } from '../../../model/object.ts';
import { memoised } from '../../../model/memoised.ts';
import type { NetworkAnalysis, NetworkWorkload, ReachPort } from '../index.ts';
import { covers } from '../policies/pod-scope.ts';
import type { Policy, PodScope } from '../policies/policy.ts';
import { PROTOCOLS, subtractPorts, type PortSet } from '../ports/ports.ts';
import { formatPeer } from '../answers/report.ts';
import type { Peer, PeerQuery, ReachAnswer } from '../types.ts';
import type { ChangedEdge } from './changed-edge.ts';
import { lookedAtBy } from './looked-at.ts';
import { compareObjects, REFERRED_KINDS, type NetworkState } from './object-changes.ts';
import { partsOf, selectorKeys, waysIn } from './ways-in.ts';
import { POLICY_KINDS } from '../../../model/policy-kinds.ts';
import type { FieldChange, ObjectChange } from './object-change.ts';

type Field = Because & { readonly kind: 'field' };

/** Why an edge is not what it was. */
export interface Cause {
  readonly because: readonly Because[];
  /** The states in which the ports that make the difference are neither allowed nor denied for certain. */
  readonly undecided: readonly When[];
}

type When = 'before' | 'after';

/**
 * Finds out which edits made an edge what it is: changed policies among the reasons of either state, workloads and
 * namespaces at its ends whose labels, ports or addresses somebody looks at, and what leads a route to it.
 */
export function causeFinder(old: NetworkState, now: NetworkState): (edge: ChangedEdge) => Cause {
  const states = [old, now];
  const changes = compareObjects(old, now);
  const lookedAt = lookedAtBy(states.map(({ analysis }) => analysis));
  const ways = states.map(memoisedOnce(waysIn));
  const found = states.map(({ analysis }) => new Map(analysis.workloads.map((one) => [one.id, one])));
  const isChanged = memoised(({ ref }: Policy) => changes.of(ref) !== undefined);
  const reasons = memoisedReasons(old.analysis, now.analysis, isChanged);
  const at = memoised((peer: Peer) =>
    peer.kind === 'workload'
      ? { workload: changes.workload(peer.ref), namespace: changes.namespace(peer.ref.namespace ?? 'default') }
      : {},
  );
  const isOnHost = memoised((peer: Peer) =>
    found.some((workloads) => workloads.get(formatPeer(peer))?.endpoints.some(({ hostNetwork }) => hostNetwork)),
  );

  const ends = ({ from, to }: ChangedEdge, labels: ReadonlySet<string>, ports: boolean): readonly Field[] => {
    if ([from, to].every((peer) => !at(peer).workload && !at(peer).namespace)) return [];
    const onHost = [from, to].some(isOnHost);
    const matters = ({ aspect, key = '' }: FieldChange): boolean =>
      ({
        labels: labels.has(key),
        addresses: lookedAt.addresses,
        ports,
        node: onHost,
        hostNetwork: true,
        identity: true,
        spec: true,
      })[aspect];
    return [from, to].flatMap((peer) => [
      ...told(at(peer).workload, matters),
      ...told(at(peer).namespace, ({ key = '' }) => lookedAt.namespaceLabels.has(key)),
    ]);
  };

  const byPolicies = (edge: ChangedEdge): readonly Field[] =>
    reasons(edge).told.flatMap(([because, when]): readonly Field[] => {
      if (because.kind !== 'field') return [];
      const change = changes.of(because.object);
      if (change === undefined) return [];
      const says = `${formatRef(because.object)} was ${change.change}: ${when} the change, ${because.says}`;
      return [{ ...because, says }];
    });

  const throughRoutes = (edge: ChangedEdge): readonly Field[] => {
    const leading = ways.flatMap((waysTo) => waysTo().get(formatPeer(edge.to)) ?? []);
    const parts = new Map(leading.flatMap((way) => partsOf(way, states)).map((ref) => [refId(ref), ref]));
    const routeNamespaces = new Set(leading.map(({ route }) => route.ref.namespace ?? 'default'));
    return [
      ...[...parts.values()].flatMap((ref) => told(changes.of(ref))),
      ...[...routeNamespaces].flatMap((name) => told(changes.namespace(name))),
      ...ends(edge, new Set([...selectorKeys(leading, states), ...lookedAt.podLabels]), true),
      ...changes
        .list(POLICY_KINDS)
        .filter(({ ref }) => states.some((state, i) => selects(ref, found[i]?.get(formatPeer(edge.to)), state)))
        .flatMap((change) => told(change)),
    ];
  };

  const lastResort = (): readonly Because[] => {
    const others = changes.list(REFERRED_KINDS).map(({ ref, change }) => `${formatRef(ref)} was ${change}`);
    const says =
      others.length === 0
        ? 'none of the objects it rests on changed by itself'
        : `what else changed: ${others.slice(0, 5).join(', ')}`;
    return [{ kind: 'rule', source: 'comparison', says }];
  };

  return (edge) => {
    const causes =
      edge.from.kind === 'ingressController'
        ? throughRoutes(edge)
        : [...ends(edge, lookedAt.podLabels, lookedAt.portNames), ...byPolicies(edge)];
    const distinct = [...new Map(causes.map((cause) => [cause.says, cause])).values()];
    return { because: distinct.length > 0 ? distinct : lastResort(), undecided: reasons(edge).undecided };
  };
}

/** A change in words, one for each field that matters. */
function told(
  change: ObjectChange | undefined,
  matters: (field: FieldChange) => boolean = () => true,
): readonly Field[] {
  if (!change) return [];
  const { ref, fields } = change;
  if (change.change !== 'changed')
    return [{ kind: 'field', object: ref, path: 'metadata.name', says: `${formatRef(ref)} was ${change.change}` }];
  return fields
    .filter(matters)
    .map(({ path, says }) => ({ kind: 'field', object: ref, path, says: `${formatRef(ref)}: ${says}` }));
}

type Reason = readonly [because: Because, when: When];

interface Reasons {
  readonly told: readonly Reason[];
  readonly undecided: Cause['undecided'];
}

/** Reasons that are kept for the next edges: these come sorted, so most sharing is among neighbours. */
const MOST_SHARED = 10_000;

const NO_REASONS: Reasons = { told: [], undecided: [] };

/**
 * The reasons of both states, as far as changed policies are any, for one port that makes the difference. They name classes of pods, so workloads of the same
 * classes share them.
 */
function memoisedReasons(
  old: NetworkAnalysis,
  now: NetworkAnalysis,
  isChanged: (policy: Policy) => boolean,
): (edge: ChangedEdge) => Reasons {
  const known = new Map<string, Reasons>();
  const classes = [old, now].map((analysis) => {
    const workloads = new Map(analysis.workloads.map((one) => [one.id, one]));
    return memoised((id: string): string | undefined => {
      const workload = workloads.get(id);
      return workload && analysis.alike(workload);
    });
  });
  const keyOf = memoised((peer: Peer): string | undefined => {
    if (peer.kind !== 'workload') return formatPeer(peer);
    const both = classes.map((classOf) => classOf(formatPeer(peer)));
    return both.includes(undefined) ? undefined : both.join('/');
  });
  const queriedAs = memoised(queryOf);
  return ({ from, to, was, is }) => {
    const [source, destination] = [queriedAs(from), queriedAs(to)];
    if (!source || !destination) return NO_REASONS;
    // One port that makes the difference: the rules that decide it are the ones to name.
    const [opened, closed] = [firstPort(subtractPorts(is, was)), firstPort(subtractPorts(was, is))];
    const port = opened ?? closed;
    const keys = [keyOf(from), keyOf(to)];
    const key = keys.includes(undefined) ? undefined : `${keys.join(' ')} ${port?.port}/${port?.protocol}`;
    const shared = key === undefined ? undefined : known.get(key);
    if (shared) return shared;
    const answers = {
      before: old.query(source, destination, port, isChanged),
      after: now.query(source, destination, port, isChanged),
    };
    const isOpen = (analysis: NetworkAnalysis, asked: ReachPort | undefined, answer: ReachAnswer): boolean => {
      if (asked === undefined || [source, destination].some((end) => analysis.missing(end) !== undefined)) return false;
      const { verdict } = asked === port ? answer : analysis.query(source, destination, asked);
      return verdict !== 'allowed' && verdict !== 'denied';
    };
    const reasons: Reasons = {
      told: [...reasonsOf(answers.before, 'before'), ...reasonsOf(answers.after, 'after')],
      undecided: [
        ...(isOpen(old, opened, answers.before) ? (['before'] as const) : []),
        ...(isOpen(now, closed, answers.after) ? (['after'] as const) : []),
      ],
    };
    if (known.size >= MOST_SHARED) known.clear();
    if (key !== undefined) known.set(key, reasons);
    return reasons;
  };
}

function reasonsOf({ because }: ReachAnswer, when: Reason[1]): readonly Reason[] {
  return because.map((one) => [one, when]);
}

function selects(ref: ObjectRef, workload: NetworkWorkload | undefined, { analysis }: NetworkState): boolean {
  const id = refId(ref);
  const policies = analysis.policies.filter((policy) => refId(policy.ref) === id);
  return (workload?.endpoints ?? []).some(({ labels, workload: { namespace } }) =>
    policies.some((policy) => scopesOf(policy).some((scope) => covers(scope, namespace, labels, analysis.namespaces))),
  );
}

function scopesOf({ subject }: Policy): readonly PodScope[] {
  return subject.alternatives ?? [subject];
}

function firstPort(ports: PortSet): ReachPort | undefined {
  for (const protocol of PROTOCOLS) {
    const [first] = ports[protocol] ?? [];
    if (first) return { protocol, port: first[0] };
  }
  return undefined;
}

function queryOf(peer: Peer): PeerQuery | undefined {
  switch (peer.kind) {
    case 'workload':
      return {
        kind: 'workload',
        namespace: peer.ref.namespace ?? 'default',
        name: peer.ref.name,
        workloadKind: peer.ref.kind,
      };
    case 'range':
      return { kind: 'cidr', cidr: peer.from };
    case 'ingressController':
      return undefined;
  }
}

function memoisedOnce<A, V>(compute: (argument: A) => V): (argument: A) => () => V {
  return (argument) => {
    let made: { readonly value: V } | undefined;
    return () => (made ??= { value: compute(argument) }).value;
  };
}
