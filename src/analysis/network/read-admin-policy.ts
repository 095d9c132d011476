import { isRecord, strings, text, type JsonRecord } from '../../model/json.ts';
import { groupOf, refOf } from '../../model/object.ts';
import type { Resource, Snapshot } from '../../model/snapshot.ts';
import {
  EVERY_NAMESPACE,
  EVERYONE,
  NOBODY,
  policyReader,
  STAGES,
  type Action,
  type Direction,
  type NamespaceScope,
  type Path,
  type PeerTerm,
  type Policy,
  type PolicyPeer,
  type PolicyReader,
  type PolicyRule,
  type PortTerm,
} from './policy.ts';
import { ALL_PORTS, intersectPorts, portRange } from './ports.ts';
import {
  isPortName,
  isPortNumber,
  listAt,
  objectAt,
  readCidr,
  readProtocol,
  type ReadOptions,
  type ReadPolicy,
} from './read-network-policy.ts';
import type { Protocol } from './types.ts';

/*
 * AdminNetworkPolicy and BaselineAdminNetworkPolicy v1alpha1, ClusterNetworkPolicy v1alpha2. Ordered rules, first
 * match decides. What a rule says with fields nobody knows fails closed: an allowing rule then matches nothing, a
 * denying or passing one denies everything (network-policy-api, apis/v1alpha1 and v1alpha2).
 */

/** Kinds read here, by kind key. */
export const ADMIN_POLICY_KINDS = [
  'AdminNetworkPolicy.policy.networking.k8s.io',
  'BaselineAdminNetworkPolicy.policy.networking.k8s.io',
  'ClusterNetworkPolicy.policy.networking.k8s.io',
] as const;

const ACTIONS: Readonly<Record<string, Action>> = { Allow: 'allow', Accept: 'allow', Deny: 'deny', Pass: 'pass' };
const SPEC_FIELDS = ['subject', 'ingress', 'egress', 'priority', 'tier'];

/** A rule's part that says something nobody can read; the rule then fails closed. */
const UNKNOWN = Symbol('unknown');
type Unknown = typeof UNKNOWN;

export function readAdminPolicy(snapshot: Snapshot, resource: Resource, options: ReadOptions): ReadPolicy {
  const reader = policyReader(snapshot, resource);
  const { kind } = resource.object;
  const spec = objectAt(reader, resource.object['spec'], ['spec']);
  if (!servedAs(resource.object.apiVersion, kind)) {
    reader.error(
      'SW_POLICY_VERSION_UNKNOWN',
      ['apiVersion'],
      `${kind} of ${resource.object.apiVersion} is not known`,
      'ClusterNetworkPolicy is read as v1alpha2, AdminNetworkPolicy and BaselineAdminNetworkPolicy as v1alpha1.',
    );
  }
  reader.onlyFields(spec, ['spec'], SPEC_FIELDS);
  const tier = tierOf(reader, kind, spec);
  const priority = kind === 'BaselineAdminNetworkPolicy' ? 0 : priorityOf(reader, spec);
  const subject = readSubject(reader, spec['subject'], ['spec', 'subject']);
  const rules = {
    ingress: readRules(reader, kind, spec['ingress'], 'ingress', options),
    egress: readRules(reader, kind, spec['egress'], 'egress', options),
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

function readSubject(reader: PolicyReader, raw: unknown, path: Path): Policy['subject'] {
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
    const { namespaces, pods } = readPods(reader, subject['pods'], [...path, 'pods']);
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

function readPods(
  reader: PolicyReader,
  raw: unknown,
  path: Path,
): { readonly namespaces: NamespaceScope; readonly pods: Policy['subject']['pods'] } {
  const pods = objectAt(reader, raw, path);
  reader.onlyFields(pods, path, ['namespaceSelector', 'podSelector']);
  return {
    namespaces: {
      kind: 'labels',
      selector: reader.selector(pods['namespaceSelector'], [...path, 'namespaceSelector']),
    },
    pods: reader.selector(pods['podSelector'], [...path, 'podSelector']),
  };
}

function readRules(
  reader: PolicyReader,
  kind: string,
  raw: unknown,
  direction: Direction,
  options: ReadOptions,
): readonly PolicyRule[] {
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
    const ports = rawPorts.map((port, i) =>
      kind === 'ClusterNetworkPolicy'
        ? readProtocolEntry(reader, port, [...path, 'protocols', i])
        : readPortEntry(reader, port, [...path, 'ports', i]),
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

function readPeer(
  reader: PolicyReader,
  raw: unknown,
  path: Path,
  direction: Direction,
  action: Action,
  options: ReadOptions,
): readonly PolicyPeer[] | Unknown {
  const peer = objectAt(reader, raw, path);
  const known =
    direction === 'ingress' ? ['namespaces', 'pods'] : ['namespaces', 'pods', 'nodes', 'networks', 'domainNames'];
  const fields = Object.keys(peer).filter((field) => peer[field] != null);
  const [field] = fields;
  if (field === undefined || fields.length > 1 || !known.includes(field)) {
    reader.warn(
      'SW_POLICY_PEER_UNKNOWN',
      path,
      `a peer has exactly one of ${known.join(', ')}; this one has ${fields.length === 0 ? 'none' : fields.join(', ')}`,
      action === 'allow' ? 'The rule fails closed: it allows nothing.' : 'The rule fails closed: it denies everything.',
    );
    return UNKNOWN;
  }
  const at: Path = [...path, field];
  if (field === 'namespaces') {
    return one(at, {
      kind: 'pods',
      namespaces: { kind: 'labels', selector: reader.selector(peer['namespaces'], at) },
      pods: [],
      podsGiven: false,
      withoutHosts: true,
    });
  }
  if (field === 'pods')
    return one(at, { kind: 'pods', ...readPods(reader, peer['pods'], at), podsGiven: true, withoutHosts: true });
  if (field === 'nodes') return one(at, { kind: 'nodes', selector: reader.selector(peer['nodes'], at) });
  if (field === 'domainNames') {
    if (action !== 'allow')
      reader.error(
        'SW_POLICY_PEER_INVALID',
        at,
        'domainNames go with allowing rules only',
        'Deny by networks instead.',
      );
    return one(at, { kind: 'names', names: strings(peer['domainNames']) });
  }
  return listAt(reader, peer['networks'], at).flatMap((entry, index): PolicyPeer[] => {
    const range = readCidr(reader, entry, [...at, index], options);
    return range ? [{ term: { kind: 'block', range, except: [], pods: 'always' }, path: [...at, index] }] : [];
  });
}

function one(path: Path, term: PeerTerm): readonly PolicyPeer[] {
  return [{ term, path }];
}

/** v1alpha1: portNumber, portRange or namedPort. */
function readPortEntry(reader: PolicyReader, raw: unknown, path: Path): PortTerm | Unknown {
  const entry = objectAt(reader, raw, path);
  const [field, ...more] = Object.keys(entry).filter((name) => entry[name] != null);
  if (more.length > 0) return unknownPort(reader, path);
  if (field === 'namedPort') return namedPort(reader, entry['namedPort'], [...path, field]);
  if (field !== 'portNumber' && field !== 'portRange') return unknownPort(reader, path);
  const at: Path = [...path, field];
  const value = objectAt(reader, entry[field], at);
  const protocol = readProtocol(reader, value['protocol'], [...at, 'protocol']) ?? 'TCP';
  const [from, to] = field === 'portNumber' ? [value['port'], value['port']] : [value['start'], value['end']];
  return numbers(reader, protocol, from, to, at);
}

/** v1alpha2: tcp, udp or sctp with an optional destinationPort, or destinationNamedPort. */
function readProtocolEntry(reader: PolicyReader, raw: unknown, path: Path): PortTerm | Unknown {
  const entry = objectAt(reader, raw, path);
  const [field, ...more] = Object.keys(entry).filter((name) => entry[name] != null);
  if (more.length > 0) return unknownPort(reader, path);
  if (field === 'destinationNamedPort') return namedPort(reader, entry[field], [...path, field]);
  const protocol = ({ tcp: 'TCP', udp: 'UDP', sctp: 'SCTP' } as const)[field ?? ''];
  if (protocol === undefined || field === undefined) return unknownPort(reader, path);
  const at: Path = [...path, field];
  const value = objectAt(reader, entry[field], at);
  if (Object.keys(value).some((name) => name !== 'destinationPort')) return unknownPort(reader, at);
  if (value['destinationPort'] == null)
    return { kind: 'numbers', ports: intersectPorts(ALL_PORTS, portRange(protocol)), path: at };
  const port = objectAt(reader, value['destinationPort'], [...at, 'destinationPort']);
  const range = objectAt(reader, port['range'], [...at, 'destinationPort', 'range']);
  if (port['number'] != null && port['range'] == null)
    return numbers(reader, protocol, port['number'], port['number'], at);
  if (port['range'] != null && port['number'] == null)
    return numbers(reader, protocol, range['start'], range['end'], at);
  return unknownPort(reader, at);
}

function namedPort(reader: PolicyReader, raw: unknown, path: Path): PortTerm {
  const name = text(raw) ?? '';
  if (!isPortName(name))
    reader.error(
      'SW_POLICY_PORT_INVALID',
      path,
      `${JSON.stringify(raw)} is no port name`,
      'A name has at least one letter and no capitals.',
    );
  return { kind: 'named', name, path };
}

function numbers(reader: PolicyReader, protocol: Protocol, from: unknown, to: unknown, path: Path): PortTerm {
  if (isPortNumber(from) && isPortNumber(to) && from <= to)
    return { kind: 'numbers', ports: portRange(protocol, from, to), path };
  reader.error(
    'SW_POLICY_PORT_INVALID',
    path,
    `${JSON.stringify(from)} to ${JSON.stringify(to)} is no port range`,
    'Ports are 1 to 65535, the first not above the last.',
  );
  return { kind: 'numbers', ports: {}, path };
}

function unknownPort(reader: PolicyReader, path: Path): Unknown {
  reader.warn(
    'SW_POLICY_PEER_UNKNOWN',
    path,
    'nobody knows this kind of port',
    'The rule fails closed: allowing, it allows nothing; denying or passing, it denies everything.',
  );
  return UNKNOWN;
}

/** v1alpha1 kinds and v1alpha2's have different fields: an object under the wrong version is no valid object. */
function servedAs(apiVersion: string, kind: string): boolean {
  if (groupOf(apiVersion) !== 'policy.networking.k8s.io') return false;
  return kind === 'ClusterNetworkPolicy' ? apiVersion.endsWith('/v1alpha2') : apiVersion.endsWith('/v1alpha1');
}
