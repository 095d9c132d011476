import { isRecord, text, type JsonRecord } from '../../../model/json.ts';
import { groupOf, refOf } from '../../../model/object.ts';
import type { Resource, Snapshot } from '../../../model/snapshot.ts';
import { readPeer, readPods, type AdminOptions } from './admin-peers.ts';
import { readPortEntry, readProtocolEntry } from './admin-ports.ts';
import {
  EVERY_NAMESPACE,
  EVERYONE,
  NOBODY,
  policyReader,
  STAGES,
  UNKNOWN,
  type Action,
  type Direction,
  type Path,
  type Policy,
  type PolicyPeer,
  type PolicyReader,
  type PolicyRule,
  type PortTerm,
} from './policy.ts';
import { listAt, objectAt, type ReadOptions, type ReadPolicy } from './read-network-policy.ts';

/*
 * AdminNetworkPolicy and BaselineAdminNetworkPolicy v1alpha1, ClusterNetworkPolicy v1alpha2. Ordered rules, first
 * match decides. What a rule says with fields nobody knows fails closed: an allowing rule then matches nothing, a
 * denying or passing one denies everything (network-policy-api, apis/v1alpha1 and v1alpha2).
 */

const ACTIONS: Readonly<Record<string, Action>> = { Allow: 'allow', Accept: 'allow', Deny: 'deny', Pass: 'pass' };
const SPEC_FIELDS: Readonly<Record<string, readonly string[]>> = {
  ClusterNetworkPolicy: ['subject', 'ingress', 'egress', 'priority', 'tier'],
  AdminNetworkPolicy: ['subject', 'ingress', 'egress', 'priority'],
  BaselineAdminNetworkPolicy: ['subject', 'ingress', 'egress'],
};

export function readAdminPolicy(snapshot: Snapshot, resource: Resource, given: ReadOptions): ReadPolicy {
  const reader = policyReader(snapshot, resource);
  const { kind } = resource.object;
  const options = { ...given, kind };
  const spec = objectAt(reader, resource.object['spec'], ['spec']);
  if (!servedAs(resource.object.apiVersion, kind)) {
    reader.error(
      'SW_POLICY_VERSION_UNKNOWN',
      ['apiVersion'],
      `${kind} of ${resource.object.apiVersion} is not known`,
      'ClusterNetworkPolicy is read as v1alpha2, AdminNetworkPolicy and BaselineAdminNetworkPolicy as v1alpha1.',
    );
  }
  if (kind === 'BaselineAdminNetworkPolicy' && options.schema && resource.object.metadata.name !== 'default')
    reader.error(
      'SW_POLICY_SHAPE_INVALID',
      ['metadata', 'name'],
      `${JSON.stringify(resource.object.metadata.name)} is no name of a BaselineAdminNetworkPolicy`,
      'There is only one, and its name is default.',
    );
  reader.onlyFields(spec, ['spec'], SPEC_FIELDS[options.schema ? kind : 'ClusterNetworkPolicy'] ?? []);
  const tier = tierOf(reader, kind, spec);
  const priority = kind === 'BaselineAdminNetworkPolicy' ? 0 : priorityOf(reader, spec);
  const subject = readSubject(reader, spec['subject'], ['spec', 'subject'], options);
  const rules = {
    ingress: readRules(reader, spec['ingress'], 'ingress', options),
    egress: readRules(reader, spec['egress'], 'egress', options),
  };
  return {
    policy: {
      ref: refOf(resource.object),
      resource,
      tier,
      stage: STAGES[tier],
      priority,
      subject,
      isolates: { ingress: false, egress: false },
      rules,
      invalid: reader.broken(),
    },
    problems: reader.problems,
  };
}

function tierOf(reader: PolicyReader, kind: string, spec: JsonRecord): 'admin' | 'baseline' {
  if (kind === 'AdminNetworkPolicy') return 'admin';
  if (kind === 'BaselineAdminNetworkPolicy') return 'baseline';
  if (spec['tier'] === 'Admin') return 'admin';
  if (spec['tier'] === 'Baseline') return 'baseline';
  reader.error(
    'SW_POLICY_TIER_INVALID',
    ['spec', 'tier'],
    `${JSON.stringify(spec['tier'])} is no tier`,
    'Use Admin or Baseline.',
  );
  return 'admin';
}

function priorityOf(reader: PolicyReader, spec: JsonRecord): number {
  const { priority } = spec;
  if (Number.isInteger(priority) && (priority as number) >= 0 && (priority as number) <= 1000)
    return priority as number;
  reader.error(
    'SW_POLICY_PRIORITY_INVALID',
    ['spec', 'priority'],
    `${JSON.stringify(priority)} is no priority`,
    'A priority is 0 to 1000; smaller comes first.',
  );
  return 1000;
}

function readSubject(reader: PolicyReader, raw: unknown, path: Path, options: AdminOptions): Policy['subject'] {
  const subject = objectAt(reader, raw, path);
  reader.onlyFields(subject, path, ['namespaces', 'pods']);
  if (isRecord(subject['namespaces']) && subject['pods'] == null) {
    return {
      namespaces: { kind: 'labels', selector: reader.selector(subject['namespaces'], [...path, 'namespaces']) },
      pods: [],
      path: [...path, 'namespaces'],
    };
  }
  if (isRecord(subject['pods']) && subject['namespaces'] == null) {
    const { namespaces, pods } = readPods(reader, subject['pods'], [...path, 'pods'], options);
    return { namespaces, pods, path: [...path, 'pods'] };
  }
  reader.error(
    'SW_POLICY_SUBJECT_INVALID',
    path,
    'a subject has exactly one of namespaces and pods',
    'To mean every pod write namespaces: {}.',
  );
  return { namespaces: EVERY_NAMESPACE, pods: [], path };
}

function readRules(
  reader: PolicyReader,
  raw: unknown,
  direction: Direction,
  options: AdminOptions,
): readonly PolicyRule[] {
  const { kind } = options;
  const peersField = direction === 'ingress' ? 'from' : 'to';
  const portsField = kind === 'ClusterNetworkPolicy' ? 'protocols' : 'ports';
  const limit = MOST[kind] ?? 100;
  const entries = listAt(reader, raw, ['spec', direction]);
  atMost(reader, entries, limit, ['spec', direction]);
  return entries.map((entry, index) => {
    const path: Path = ['spec', direction, index];
    const rule = objectAt(reader, entry, path);
    const closed = hasUnknownFields(reader, rule, path, ['name', 'action', peersField, portsField]);
    const action = readAction(reader, kind, rule['action'], [...path, 'action']);
    const rawPeers = listAt(reader, rule[peersField], [...path, peersField]);
    atMost(reader, rawPeers, limit, [...path, peersField]);
    if (rawPeers.length === 0) {
      reader.error(
        'SW_POLICY_PEER_INVALID',
        path,
        `a rule needs at least one entry in ${peersField}`,
        'To mean every pod write namespaces: {}.',
      );
    }
    const peers = rawPeers.map((peer, i) =>
      readPeer(reader, peer, [...path, peersField, i], direction, action, options),
    );
    const rawPorts = listAt(reader, rule[portsField], [...path, portsField]);
    atMost(reader, rawPorts, limit, [...path, portsField]);
    if (options.schema && rule[portsField] != null && rawPorts.length === 0)
      reader.error(
        'SW_POLICY_PORT_INVALID',
        [...path, portsField],
        `${portsField} is empty`,
        'To mean every port leave it out.',
      );
    if (options.schema) refuseNamedOutside(reader, rawPeers, rawPorts, path);
    const ports = rawPorts.map((port, i) =>
      kind === 'ClusterNetworkPolicy'
        ? readProtocolEntry(reader, port, [...path, 'protocols', i], options)
        : readPortEntry(reader, port, [...path, 'ports', i], options),
    );
    const name = text(rule['name']);
    const whole = { index, path, ...(name === undefined ? {} : { name }) };
    if (closed || peers.includes(UNKNOWN) || ports.includes(UNKNOWN)) {
      return action === 'allow'
        ? { ...whole, action, peers: [{ term: NOBODY, path }], ports: 'all' }
        : { ...whole, action: 'deny', peers: [{ term: EVERYONE, path }], ports: 'all' };
    }
    return {
      ...whole,
      action,
      peers: (peers as (readonly PolicyPeer[])[]).flat(),
      ports: ports.length === 0 ? 'all' : (ports as PortTerm[]),
    };
  });
}

/** Rules of a direction, and peers and ports of a rule, that the API server takes. */
const MOST: Readonly<Record<string, number>> = { ClusterNetworkPolicy: 25 };

function atMost(reader: PolicyReader, entries: readonly unknown[], limit: number, path: Path): void {
  if (entries.length > limit)
    reader.error(
      'SW_POLICY_TOO_MANY',
      path,
      `${entries.length} entries, and no more than ${limit} are allowed`,
      'Split the policy in two of neighbouring priorities.',
    );
}

/** Containers name ports; nodes, networks and domain names have none (the validation of the experimental channel). */
function refuseNamedOutside(
  reader: PolicyReader,
  peers: readonly unknown[],
  ports: readonly unknown[],
  path: Path,
): void {
  const has = (entries: readonly unknown[], fields: readonly string[]): boolean =>
    entries.some((entry) => isRecord(entry) && fields.some((field) => entry[field] != null));
  if (has(peers, ['networks', 'nodes', 'domainNames']) && has(ports, ['namedPort', 'destinationNamedPort']))
    reader.error(
      'SW_POLICY_PORT_INVALID',
      path,
      'networks, nodes and domainNames have no named ports',
      'Write their port as a number, in a rule of its own.',
    );
}

/** A rule with a field nobody knows may mean less than what is read of it, so it fails closed. */
function hasUnknownFields(reader: PolicyReader, rule: JsonRecord, path: Path, known: readonly string[]): boolean {
  const unknown = Object.keys(rule).filter((field) => !known.includes(field));
  for (const field of unknown) {
    reader.warn(
      'SW_POLICY_UNKNOWN_FIELD',
      [...path, field],
      `unknown field ${JSON.stringify(field)}`,
      `Known here: ${known.join(', ')}. The rule fails closed: allowing, it allows nothing; denying or passing, it denies everything.`,
    );
  }
  return unknown.length > 0;
}

function readAction(reader: PolicyReader, kind: string, raw: unknown, path: Path): Action {
  const allowed =
    kind === 'ClusterNetworkPolicy'
      ? ['Accept', 'Deny', 'Pass']
      : kind === 'AdminNetworkPolicy'
        ? ['Allow', 'Deny', 'Pass']
        : ['Allow', 'Deny'];
  const action = text(raw) ?? '';
  if (allowed.includes(action)) return ACTIONS[action] ?? 'deny';
  reader.error(
    'SW_POLICY_ACTION_INVALID',
    path,
    `${JSON.stringify(raw)} is no action of ${kind}`,
    `Use ${allowed.join(', ')}.`,
  );
  return 'deny';
}

/** v1alpha1 kinds and v1alpha2's have different fields: an object under the wrong version is no valid object. */
function servedAs(apiVersion: string, kind: string): boolean {
  if (groupOf(apiVersion) !== 'policy.networking.k8s.io') return false;
  return kind === 'ClusterNetworkPolicy' ? apiVersion.endsWith('/v1alpha2') : apiVersion.endsWith('/v1alpha1');
}
