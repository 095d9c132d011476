import { z } from 'zod';
import { at as dig, isRecord, record, text, type JsonRecord } from '../../model/json.ts';
import { refId, refOf, type KubernetesObject, type ObjectRef } from '../../model/object.ts';
import { formatSelector, matches, parseSelector } from '../../model/selectors.ts';
import { isBlocked } from './blocked.ts';
import {
  defineFault,
  MARK,
  RUN_LABEL,
  type FaultContext,
  type Injection,
  type Residue,
  type Undone,
} from './define-fault.ts';
import type { Cluster } from '../ports.ts';
import { fuseRef, lightFuse, mayLightFuse, removeFuse } from './fuse.ts';
import { injectionId } from './injection-id.ts';
import { annotationOf, compareAndSwap, listAll, nameOf } from './objects.ts';
import {
  everybodyBut,
  isolates,
  specWithout,
  toLabelSelector,
  type Direction,
  type PodGroup,
} from './partition-policy.ts';
import { labelsOf, podName, podsOf, PodTargetSchema, selectorOf, type PodTarget } from './pod-target.ts';

const POLICY = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' } as const;

/**
 * Two groups of pods lose each other, both ways, by NetworkPolicy alone: where nothing isolates a group yet, a policy
 * allows it everybody but the other group; where policies do, these are narrowed and their own spec is the pre-image.
 * It works as far as the cluster enforces policies at all, which `bit` looks at.
 */
export const networkPartition = defineFault({
  id: 'network-partition',
  title: 'Two groups of pods can not reach each other',
  tier: 'T0',
  breaks: ['network'],
  oneShot: false,
  parameters: z.strictObject({ from: PodTargetSchema, to: PodTargetSchema }),
  async preflight({ from, to }, at) {
    const [left, right] = await Promise.all([describeGroup(from, at), describeGroup(to, at)]);
    if (left.kind === 'refused') return left;
    if (right.kind === 'refused') return right;
    let injections: readonly Injection[] = [];
    // Both ways: who opens a connection is stopped on the way in, or, where that is not possible, on the way out.
    for (const [source, destination] of [
      [left, right],
      [right, left],
    ] as const) {
      const sources = asPlanned(source, injections);
      const destinations = asPlanned(destination, injections);
      const plans = await Promise.all([
        cut(destinations, 'Ingress', sources, at),
        cut(sources, 'Egress', destinations, at),
      ]);
      const best = plans.filter((plan) => plan.kind === 'ready').sort((a, b) => a.cost - b.cost)[0];
      if (!best) {
        const because = plans.map((plan) => (plan.kind === 'refused' ? plan.because : '')).join('; ');
        return { kind: 'refused', because };
      }
      injections = merged(injections, best.injections);
    }
    if (injections.length === 0) return { kind: 'refused', because: 'policies keep these two groups apart already' };
    return { kind: 'ready', injections: await withFuses(injections, at) };
  },
  async apply({ target, id, data, run }, { cluster, ttlMs }) {
    if (data['mode'] === 'create') {
      const policy = data['policy'] as KubernetesObject;
      let { metadata } = policy;
      if (data['fuse'] === true) {
        const fuse = await lightFuse(cluster, target.namespace ?? 'default', { id, run, ttlMs });
        if (fuse.kind !== 'ok') return { kind: 'failed', because: `its time to live can't be set: ${fuse.because}` };
        metadata = { ...metadata, ownerReferences: [fuse.value] };
      }
      const created = await cluster.create({ ...policy, metadata });
      if (created.kind === 'ok') return { kind: 'applied' };
      const there = await cluster.get(target);
      if (there.kind === 'ok' && annotationOf(there.value, MARK) === id) return { kind: 'applied' };
      return { kind: 'failed', because: created.because };
    }
    let because = '';
    const patched = await compareAndSwap(cluster, target, (current) => {
      if (annotationOf(current, MARK) === id) return undefined;
      if (annotationOf(current, MARK) !== undefined) because = 'another experiment has changed this policy';
      else if (!same(current['spec'], data['before']))
        because = 'the policy is no longer what it was when the plan was made';
      if (because !== '') return undefined;
      return {
        metadata: { annotations: { [MARK]: id, [RUN_LABEL]: run } },
        spec: replacing(current['spec'], data['after']),
      };
    });
    if (because !== '') return { kind: 'failed', because };
    return patched.kind === 'ok' ? { kind: 'applied' } : { kind: 'failed', because: patched.because };
  },
  undo,
  endsBy: ({ data }) =>
    data['fuse'] === true
      ? {
          by: 'itself',
          says: 'a Job that starts no pod owns the policy and takes it along when the time to live is over',
        }
      : {
          by: 'guard',
          says:
            data['mode'] === 'create'
              ? 'no Job may be created beside the policy, so only the guard removes it; should its machine be lost too, it lasts until `recover`'
              : 'a policy of yours can only be put back: the guard does; should its machine be lost too, it lasts until `recover`',
        },
  async residue(injection, { cluster }): Promise<readonly Residue[]> {
    const fuse = await fuseResidue(injection, cluster);
    if (fuse.length > 0) return fuse;
    const found = await cluster.get(injection.target);
    if (found.kind === 'missing') return [];
    const name = `NetworkPolicy ${injection.target.namespace}/${injection.target.name}`;
    if (found.kind !== 'ok')
      return [{ what: `${name} can't be read: ${found.because}`, remedy: 'Look at it by hand.' }];
    if (annotationOf(found.value, MARK) !== injection.id) return [];
    return [
      {
        what: `${name} still cuts connections`,
        remedy: `kubectl -n ${injection.target.namespace} edit networkpolicy ${injection.target.name}`,
      },
    ];
  },
  async bit(injection, at) {
    const found = await at.cluster.get(injection.target);
    if (found.kind !== 'ok' || annotationOf(found.value, MARK) !== injection.id) {
      return { bit: false, says: 'the policy that cuts the connection is not in place' };
    }
    const [source, destination] = [injection.data['source'] as PodTarget, injection.data['destination'] as PodTarget];
    const there = await isBlocked(source, destination, at);
    if (there.bit !== 'unknown') return there;
    // Where nothing listens there is nothing to try: the other way then speaks for the partition.
    const back = await isBlocked(destination, source, at);
    return back.bit === true ? { bit: true, says: `${back.says}; the way back can't be tried: ${there.says}` } : there;
  },
});

interface Described {
  readonly kind: 'ready';
  readonly target: PodTarget;
  readonly group: PodGroup;
  readonly pods: readonly KubernetesObject[];
  readonly policies: readonly KubernetesObject[];
}

async function describeGroup(
  target: PodTarget,
  at: FaultContext,
): Promise<Described | { kind: 'refused'; because: string }> {
  const [pods, policies] = await Promise.all([
    podsOf(at.cluster, target),
    listAll(at.cluster, POLICY.apiVersion, POLICY.kind, { namespace: target.namespace }),
  ]);
  if (pods.kind !== 'ok')
    return { kind: 'refused', because: `pods of ${target.namespace} can't be listed: ${pods.because}` };
  if (policies.kind !== 'ok')
    return { kind: 'refused', because: `policies of ${target.namespace} can't be listed: ${policies.because}` };
  const selector = selectorOf(target);
  if (pods.value.length === 0)
    return { kind: 'refused', because: `no live pod of ${target.namespace} is ${formatSelector(selector)}` };
  const hosts = pods.value.find((pod) => dig(pod, 'spec', 'hostNetwork') === true);
  if (hosts)
    return { kind: 'refused', because: `pod ${podName(hosts)} shares its node's network, where policies don't reach` };
  const addresses = pods.value.flatMap((pod) => text(dig(pod, 'status', 'podIP')) ?? []);
  return {
    kind: 'ready',
    target,
    group: { namespace: target.namespace, selector, addresses },
    pods: pods.value,
    policies: policies.value,
  };
}

type Cut =
  | { readonly kind: 'ready'; readonly cost: number; readonly injections: readonly Injection[] }
  | { readonly kind: 'refused'; readonly because: string };

/** Cuts `side` off from `other` in one direction. The cost is what else suffers: policies changed, pods beyond the group. */
async function cut(side: Described, direction: Direction, other: Described, at: FaultContext): Promise<Cut> {
  const selects = (policy: KubernetesObject, pod: KubernetesObject): boolean => {
    const parsed = parseSelector(dig(policy, 'spec', 'podSelector'));
    return parsed.kind === 'ok' && matches(parsed.selector, labelsOf(pod));
  };
  const isolating = side.policies.filter((policy) => isolates(policy, direction));
  const covered = side.pods.filter((pod) => isolating.some((policy) => selects(policy, pod)));
  const [source, destination] = direction === 'Ingress' ? [other.target, side.target] : [side.target, other.target];
  // Both groups suffer, whichever of them the policy is about.
  const touches = {
    namespaces: [...new Set([side.group.namespace, other.group.namespace])],
    pods: [...side.pods, ...other.pods].map(podName),
    nodes: [],
  };
  const make = (target: Injection['target'], id: string, says: string, data: JsonRecord): Injection => ({
    fault: 'network-partition',
    id,
    run: at.run,
    target,
    says,
    touches,
    data: { ...data, source, destination },
  });
  const away = `${direction === 'Ingress' ? 'from' : 'to'} ${other.group.namespace}/${formatSelector(other.group.selector)}`;
  if (covered.length === 0) {
    const id = injectionId(at.rng);
    const policy = closingPolicy(side, direction, other, id, at.run);
    const says = `create NetworkPolicy ${side.group.namespace}/${policy.metadata.name}: nothing ${away} for ${side.group.namespace}/${formatSelector(side.group.selector)}`;
    return { kind: 'ready', cost: 1, injections: [make(refOf(policy), id, says, { mode: 'create', policy })] };
  }
  if (covered.length < side.pods.length) {
    return {
      kind: 'refused',
      because: `policies isolate some pods of ${side.group.namespace}/${formatSelector(side.group.selector)} and not others (${direction})`,
    };
  }
  const used = isolating.filter((policy) => side.pods.some((pod) => selects(policy, pod)));
  const taken = used.find((policy) => annotationOf(policy, MARK) !== undefined);
  if (taken) return { kind: 'refused', because: `another experiment holds ${nameOf(taken)}` };
  const changing = used
    .map((policy) => ({ policy, after: specWithout(policy, direction, other.group) }))
    .filter(({ policy, after }) => !same(policy['spec'], after));
  return {
    kind: 'ready',
    cost: 10 + changing.length,
    injections: changing.map(({ policy, after }) =>
      make(
        { ...refOf(policy), ...(policy.metadata.uid === undefined ? {} : { uid: policy.metadata.uid }) },
        injectionId(at.rng),
        `narrow ${nameOf(policy)}: nothing ${away}`,
        { mode: 'narrow', before: record(policy['spec']), after },
      ),
    ),
  };
}

/** A group with the policies as they will be once these injections are applied. */
function asPlanned(side: Described, planned: readonly Injection[]): Described {
  const policies = side.policies.map((policy) => {
    const change = planned.find(
      ({ target, data }) => data['mode'] === 'narrow' && refId(target) === refId(refOf(policy)),
    );
    return change ? { ...policy, spec: change.data['after'] } : policy;
  });
  return { ...side, policies };
}

/** Two narrowings of one policy are one change of it: from what it was to what the second makes of it. */
function merged(first: readonly Injection[], second: readonly Injection[]): readonly Injection[] {
  const again = (one: Injection): Injection | undefined =>
    second.find(({ target }) => refId(target) === refId(one.target));
  const kept = first.map((one) => {
    const other = again(one);
    if (!other) return one;
    const says = `${one.says}; ${other.says}`;
    return { ...one, says, data: { ...one.data, after: other.data['after'] } };
  });
  return [...kept, ...second.filter(({ target }) => !first.some((one) => refId(one.target) === refId(target)))];
}

function closingPolicy(
  side: Described,
  direction: Direction,
  other: Described,
  id: string,
  run: string,
): KubernetesObject {
  const rules =
    direction === 'Ingress'
      ? { ingress: [{ from: everybodyBut(other.group) }] }
      : { egress: [{ to: everybodyBut(other.group) }] };
  return {
    ...POLICY,
    metadata: {
      name: `seaworthy-partition-${id}`,
      namespace: side.group.namespace,
      labels: { 'app.kubernetes.io/managed-by': 'seaworthy', [RUN_LABEL]: run },
      annotations: { [MARK]: id },
    },
    spec: { podSelector: toLabelSelector(side.group.selector), policyTypes: [direction], ...rules },
  };
}

/** Gives policies of ours a time to live where the cluster lets us. */
async function withFuses(injections: readonly Injection[], at: FaultContext): Promise<readonly Injection[]> {
  return Promise.all(
    injections.map(async (injection) => {
      const { data, target } = injection;
      const fuse = data['mode'] === 'create' && (await mayLightFuse(at.cluster, target.namespace ?? 'default'));
      return fuse ? { ...injection, data: { ...data, fuse } } : injection;
    }),
  );
}

async function fuseResidue({ target, id, data }: Injection, cluster: Cluster): Promise<readonly Residue[]> {
  if (data['fuse'] !== true) return [];
  const ref = fuseRef(target.namespace ?? 'default', id);
  const found = await cluster.get(ref);
  if (found.kind === 'missing') return [];
  const what = found.kind === 'ok' ? 'is still there' : `can't be looked for: ${found.because}`;
  return [
    { what: `Job ${ref.namespace}/${ref.name} ${what}`, remedy: `kubectl -n ${ref.namespace} delete job ${ref.name}` },
  ];
}

async function removePolicy(target: ObjectRef, id: string, cluster: Cluster): Promise<Undone> {
  const name = `NetworkPolicy ${target.namespace}/${target.name}`;
  const there = await cluster.get(target);
  if (there.kind === 'missing') return { kind: 'undone', says: `${name} is not there` };
  if (there.kind !== 'ok') return { kind: 'failed', because: there.because };
  if (annotationOf(there.value, MARK) !== id) return { kind: 'undone', says: `${name} is not ours: left alone` };
  const { uid } = there.value.metadata;
  const deleted = await cluster.delete(target, uid === undefined ? {} : { uid });
  return deleted.kind === 'ok' || deleted.kind === 'missing'
    ? { kind: 'undone', says: `${name} deleted` }
    : { kind: 'failed', because: deleted.because };
}

async function undo({ target, id, data }: Injection, { cluster }: FaultContext): Promise<Undone> {
  const name = `NetworkPolicy ${target.namespace}/${target.name}`;
  if (data['mode'] === 'create') {
    const removed = await removePolicy(target, id, cluster);
    const fuse = await removeFuse(cluster, target.namespace ?? 'default', id);
    return removed.kind === 'undone' && fuse.kind !== 'ok' ? { kind: 'failed', because: fuse.because } : removed;
  }
  let says = `${name} is as it was`;
  const restored = await compareAndSwap(cluster, target, (current) => {
    if (annotationOf(current, MARK) !== id) {
      says = `${name} does not carry our mark: left alone`;
      return undefined;
    }
    const unmark = { annotations: { [MARK]: null, [RUN_LABEL]: null } };
    if (same(current['spec'], data['after']))
      return { metadata: unmark, spec: replacing(current['spec'], data['before']) };
    says = `${name} was changed by somebody else meanwhile: their version stays, only our mark is taken off`;
    return { metadata: unmark };
  });
  if (restored.kind === 'ok' || restored.kind === 'missing') return { kind: 'undone', says };
  return { kind: 'failed', because: restored.because };
}

/** A merge patch that makes an object's field `next`: what is not in it goes. */
function replacing(current: unknown, next: unknown): JsonRecord {
  const wanted = record(next);
  const gone = Object.keys(record(current)).filter((key) => !(key in wanted));
  return { ...Object.fromEntries(gone.map((key) => [key, null])), ...wanted };
}

/** Equal as the API server sees it: the order of keys, and a list being empty or absent, make no difference. */
function same(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    isRecord(inner)
      ? Object.fromEntries(
          Object.entries(inner)
            .filter(([, entry]) => !(Array.isArray(entry) && entry.length === 0))
            .sort(([x], [y]) => (x < y ? -1 : 1)),
        )
      : inner,
  );
}
