import { at as dig, isRecord, record, records, text, type JsonRecord } from '../../../model/json.ts';
import { refId, refOf, type KubernetesObject } from '../../../model/object.ts';
import { formatSelector, matches, parseSelector } from '../../../model/selectors.ts';
import { MARK, RUN_LABEL, type FaultContext, type Injection } from '../define-fault.ts';
import { injectionId } from '../injection-id.ts';
import { annotationOf, listAll, nameOf } from '../../objects.ts';
import {
  everybodyBut,
  isolates,
  specWithout,
  toLabelSelector,
  type Direction,
  type PodGroup,
} from './partition-policy.ts';
import { labelsOf, podName } from '../../pods.ts';
import { podsOf, selectorOf, type PodTarget } from '../targets/pod-target.ts';

/** The kind of object a partition is made of. */
export const POLICY = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' } as const;

/** A group of a partition with its pods, and the policies of its namespace. */
export interface Described {
  readonly kind: 'ready';
  readonly target: PodTarget;
  readonly group: PodGroup;
  readonly pods: readonly KubernetesObject[];
  readonly policies: readonly KubernetesObject[];
}

/** Reads a group, or says why it can't be cut off. */
export async function describeGroup(
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
  const addresses = [...new Set(pods.value.flatMap(addressesOf))];
  return {
    kind: 'ready',
    target,
    group: { namespace: target.namespace, selector, addresses },
    pods: pods.value,
    policies: policies.value,
  };
}

/** What cuts one way in one direction, or why it can't be cut. */
export type Cut =
  | { readonly kind: 'ready'; readonly cost: number; readonly injections: readonly Injection[] }
  | { readonly kind: 'refused'; readonly because: string };

/** Cuts `side` off from `other` in one direction. The cost is what else suffers: policies changed, pods beyond the group. */
export async function cut(side: Described, direction: Direction, other: Described, at: FaultContext): Promise<Cut> {
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
export function asPlanned(side: Described, planned: readonly Injection[]): Described {
  const policies = side.policies.map((policy) => {
    const change = planned.find(
      ({ target, data }) => data['mode'] === 'narrow' && refId(target) === refId(refOf(policy)),
    );
    return change ? { ...policy, spec: change.data['after'] } : policy;
  });
  return { ...side, policies };
}

/** Two narrowings of one policy are one change of it: from what it was to what the second makes of it. */
export function merged(first: readonly Injection[], second: readonly Injection[]): readonly Injection[] {
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

/** Equal as the API server sees it: the order of keys, and a list being empty or absent, make no difference. */
export function same(a: unknown, b: unknown): boolean {
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

/** Every address of a pod, of both families. */
function addressesOf({ status }: KubernetesObject): readonly string[] {
  const all = records(dig(status, 'podIPs')).flatMap(([, one]) => text(one['ip']) ?? []);
  return [...(text(dig(status, 'podIP')) === undefined ? [] : [text(dig(status, 'podIP')) ?? '']), ...all];
}
