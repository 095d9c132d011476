import { contains as rangeContains, parseCidr } from '../../../analysis/network/addresses/ip.ts';
import { isRecord, list, record, records, strings, text, type JsonRecord } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { opposite, type LabelSelector, type Requirement } from '../../../model/selectors.ts';

/** Pods to be cut off: by label in one namespace, and the addresses they have now. */
export interface PodGroup {
  readonly namespace: string;
  readonly selector: LabelSelector;
  readonly addresses: readonly string[];
}

/** A direction of a NetworkPolicy. */
export type Direction = 'Ingress' | 'Egress';

/** The list of rules, and the list of peers in a rule, of each direction. */
export const FIELDS = { Ingress: ['ingress', 'from'], Egress: ['egress', 'to'] } as const;

const NAME_LABEL = 'kubernetes.io/metadata.name';

/**
 * NetworkPolicy can only allow, so "not from the group" is written as "from everybody else": pods of the group's
 * namespace that miss one of its labels, pods of other namespaces, and addresses that are none of the group's (some
 * network plugins let an address range cover pods too).
 */
export function everybodyBut(group: PodGroup): readonly JsonRecord[] {
  return [
    ...group.selector.map((requirement) => ({
      namespaceSelector: { matchLabels: { [NAME_LABEL]: group.namespace } },
      podSelector: { matchExpressions: [toExpression(opposite(requirement))] },
    })),
    { namespaceSelector: { matchExpressions: [{ key: NAME_LABEL, operator: 'NotIn', values: [group.namespace] }] } },
    ...['0.0.0.0/0', '::/0'].flatMap((cidr) => blockWithout({ cidr }, group.addresses)).map((ipBlock) => ({ ipBlock })),
  ];
}

/** A peer of a policy in namespace `home`, less the group: peers that together select what it selected and nobody of the group. */
export function peerWithout(peer: JsonRecord, home: string, group: PodGroup): readonly JsonRecord[] {
  if (isRecord(peer['ipBlock'])) {
    return blockWithout(peer['ipBlock'], group.addresses).map((ipBlock) => ({ ipBlock }));
  }
  const inside = record(peer['podSelector']);
  const spaces = peer['namespaceSelector'];
  if (spaces == null) {
    // Pods of the policy's own namespace.
    if (home !== group.namespace) return [peer];
    return group.selector.map((requirement) => ({ podSelector: and(inside, opposite(requirement)) }));
  }
  const here: Requirement = { operator: 'In', key: NAME_LABEL, values: [group.namespace] };
  return [
    {
      ...peer,
      namespaceSelector: and(record(spaces), { operator: 'NotIn', key: NAME_LABEL, values: [group.namespace] }),
    },
    ...group.selector.map((requirement) => ({
      namespaceSelector: and(record(spaces), here),
      podSelector: and(inside, opposite(requirement)),
    })),
  ];
}

/** The spec of a policy, narrowed in one direction so that it allows nobody of the group and everybody else as before. */
export function specWithout(policy: KubernetesObject, direction: Direction, group: PodGroup): JsonRecord {
  const spec = record(policy['spec']);
  const [rulesField, peersField] = FIELDS[direction];
  const rules = records(spec[rulesField]).map(([, rule]) => {
    const peers = records(rule[peersField]).map(([, peer]) => peer);
    const narrowed =
      peers.length === 0
        ? everybodyBut(group)
        : peers.flatMap((peer) => peerWithout(peer, policy.metadata.namespace ?? 'default', group));
    return { ...rule, [peersField]: narrowed };
  });
  // A rule without peers allows everybody: one whose peers were all of the group must go, not become that.
  return { ...spec, [rulesField]: rules.filter((rule) => list(record(rule)[peersField]).length > 0) };
}

/** Whether a policy isolates the pods it selects in this direction (policyTypes defaults as the API server does). */
export function isolates(policy: KubernetesObject, direction: Direction): boolean {
  const spec = record(policy['spec']);
  const types = list(spec['policyTypes']);
  if (types.length > 0) return types.includes(direction);
  return direction === 'Ingress' || list(spec['egress']).length > 0;
}

/** A block of addresses without some, that is, at most one block: none is left of a block that was one of them. */
function blockWithout(block: JsonRecord, addresses: readonly string[]): readonly JsonRecord[] {
  const cidr = text(block['cidr']) ?? '';
  const before = strings(block['except']);
  const holes = addresses
    .filter((address) => covers(cidr, address) && !before.some((hole) => covers(hole, address)))
    .map((address) => `${address}/${address.includes(':') ? 128 : 32}`);
  // The API server wants exceptions to be smaller than their block.
  if (holes.some((hole) => covers(hole, cidr))) return [];
  const except = [...before, ...holes];
  return [{ cidr, ...(except.length === 0 ? {} : { except }) }];
}

/** Whether a block holds an address, or all of another block. */
function covers(cidr: string, inner: string): boolean {
  const [outside, inside] = [cidr, inner.includes('/') ? inner : `${inner}/${inner.includes(':') ? 128 : 32}`].map(
    parseCidr,
  );
  if (!outside || !inside || outside.kind === 'invalid' || inside.kind === 'invalid') return false;
  return rangeContains(outside.range, inside.range);
}

function and(selector: JsonRecord, requirement: Requirement): JsonRecord {
  return { ...selector, matchExpressions: [...list(selector['matchExpressions']), toExpression(requirement)] };
}

function toExpression(requirement: Requirement): JsonRecord {
  const { operator, key } = requirement;
  return 'values' in requirement ? { key, operator, values: requirement.values } : { key, operator };
}

/** A Kubernetes label selector meaning the same as these requirements. */
export function toLabelSelector(selector: LabelSelector): JsonRecord {
  return selector.length === 0 ? {} : { matchExpressions: selector.map(toExpression) };
}
