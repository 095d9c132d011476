import { isRecord, text, type JsonRecord } from '../../../model/json.ts';
import { refOf } from '../../../model/object.ts';
import type { Resource, Snapshot } from '../../../model/snapshot.ts';
import { contains, parseCidr, type IpRange } from '../addresses/ip.ts';
import {
  EVERYONE,
  NETWORK_POLICY_ORDER,
  NOBODY,
  policyReader,
  STAGES,
  type Path,
  type PeerTerm,
  type Policy,
  type PolicyPeer,
  type PolicyReader,
  type PolicyRule,
  type PortTerm,
} from './policy.ts';
import { MAX_PORT, portRange, type Protocol } from '../ports/ports.ts';
import type { PolicyProblem } from '../types.ts';

export interface ReadOptions {
  /** Whether a network with bits behind its prefix is refused (Kubernetes 1.36) or read as the network meant. */
  readonly strictCidr: boolean;
  /**
   * Whether what the schema of a kind refuses makes a policy invalid. netpol-analyzer knows no schema: such a list or
   * range means there what it says, or nothing.
   */
  readonly schema: boolean;
}

export interface ReadPolicy {
  readonly policy: Policy;
  readonly problems: readonly PolicyProblem[];
}

/**
 * Reads a NetworkPolicy v1 with its defaults and the API server's validation.
 * Sources: kubernetes/api networking/v1/types.go; pkg/apis/networking/{v1/defaults,validation/validation}.go.
 */
export function readNetworkPolicy(snapshot: Snapshot, resource: Resource, options: ReadOptions): ReadPolicy {
  const reader = policyReader(snapshot, resource);
  const namespace = resource.object.metadata.namespace ?? 'default';
  const spec = objectAt(reader, resource.object['spec'], ['spec']);
  reader.versions('networking.k8s.io/v1');
  reader.onlyFields(spec, ['spec'], ['podSelector', 'policyTypes', 'ingress', 'egress']);
  const selected = reader.selector(spec['podSelector'], ['spec', 'podSelector']);
  // With a selector that can't be read, the policy may be about any pod of its namespace.
  const pods = reader.broken() ? [] : selected;
  const rules = {
    ingress: readRules(reader, spec['ingress'], 'ingress', 'from', namespace, options),
    egress: readRules(reader, spec['egress'], 'egress', 'to', namespace, options),
  };
  const isolates = readTypes(reader, spec, rules.egress.length > 0);
  return {
    policy: {
      ref: refOf(resource.object),
      resource,
      tier: 'namespace',
      stage: STAGES.namespace,
      priority: 0,
      order: NETWORK_POLICY_ORDER,
      subject: { namespaces: { kind: 'name', name: namespace }, pods, path: ['spec', 'podSelector'] },
      isolates,
      // Rules of a direction the policy doesn't list are ignored.
      rules: { ingress: isolates.ingress ? rules.ingress : [], egress: isolates.egress ? rules.egress : [] },
      invalid: reader.broken(),
    },
    problems: reader.problems,
  };
}

/** Absent or empty: Ingress always, Egress only when there is an egress rule (an empty `egress: []` isolates nothing). */
function readTypes(reader: PolicyReader, spec: JsonRecord, hasEgressRules: boolean): Policy['isolates'] {
  const types = listAt(reader, spec['policyTypes'], ['spec', 'policyTypes']);
  if (types.length > 2)
    reader.error(
      'SW_POLICY_TYPE_INVALID',
      ['spec', 'policyTypes'],
      `${types.length} policy types, and there are only two`,
      'Use Ingress, Egress or both.',
    );
  for (const [index, type] of types.entries()) {
    if (type === 'Ingress' || type === 'Egress') continue;
    reader.error(
      'SW_POLICY_TYPE_INVALID',
      ['spec', 'policyTypes', index],
      `${JSON.stringify(type)} is no policy type`,
      'Use Ingress, Egress or both.',
    );
  }
  if (types.length === 0) return { ingress: true, egress: hasEgressRules };
  return { ingress: types.includes('Ingress'), egress: types.includes('Egress') };
}

function readRules(
  reader: PolicyReader,
  raw: unknown,
  field: 'ingress' | 'egress',
  peersField: 'from' | 'to',
  namespace: string,
  options: ReadOptions,
): readonly PolicyRule[] {
  return listAt(reader, raw, ['spec', field]).map((entry, index) => {
    const path: Path = ['spec', field, index];
    const rule = objectAt(reader, entry, path);
    reader.onlyFields(rule, path, [peersField, 'ports']);
    const peers = listAt(reader, rule[peersField], [...path, peersField]);
    const ports = listAt(reader, rule['ports'], [...path, 'ports']);
    return {
      action: 'allow',
      index,
      path,
      peers:
        peers.length === 0
          ? [{ term: EVERYONE, path }]
          : peers.map((peer, i) => readPeer(reader, peer, [...path, peersField, i], namespace, options)),
      ports:
        ports.length === 0 ? 'all' : ports.flatMap((port, i) => readPort(reader, port, [...path, 'ports', i], options)),
    };
  });
}

function readPeer(reader: PolicyReader, raw: unknown, path: Path, namespace: string, options: ReadOptions): PolicyPeer {
  const peer = objectAt(reader, raw, path);
  reader.onlyFields(peer, path, ['podSelector', 'namespaceSelector', 'ipBlock']);
  const selects = peer['podSelector'] != null || peer['namespaceSelector'] != null;
  if (peer['ipBlock'] != null) {
    if (selects) {
      reader.error(
        'SW_POLICY_PEER_INVALID',
        path,
        'a peer is either an ipBlock or selectors, not both',
        'Make two entries of it.',
      );
      return { term: NOBODY, path };
    }
    return { term: readBlock(reader, peer['ipBlock'], [...path, 'ipBlock'], options), path };
  }
  if (!selects) {
    reader.error(
      'SW_POLICY_PEER_INVALID',
      path,
      'a peer needs a podSelector, a namespaceSelector or an ipBlock',
      'To mean everyone leave the whole list out; to mean every pod write namespaceSelector: {}.',
    );
    return { term: NOBODY, path };
  }
  const pods = reader.selector(peer['podSelector'], [...path, 'podSelector']);
  const podsGiven = peer['podSelector'] != null;
  const namespaces =
    peer['namespaceSelector'] == null
      ? ({ kind: 'name', name: namespace } as const)
      : ({
          kind: 'labels',
          selector: reader.selector(peer['namespaceSelector'], [...path, 'namespaceSelector']),
        } as const);
  return { term: { kind: 'pods', namespaces, pods, podsGiven }, path };
}

function readBlock(reader: PolicyReader, raw: unknown, path: Path, options: ReadOptions): PeerTerm {
  const block = objectAt(reader, raw, path);
  reader.onlyFields(block, path, ['cidr', 'except']);
  const range = readCidr(reader, block['cidr'], [...path, 'cidr'], options);
  const except = listAt(reader, block['except'], [...path, 'except']).flatMap((entry, index) => {
    const hole = readCidr(reader, entry, [...path, 'except', index], options);
    if (!hole || !range) return [];
    if (contains(range, hole) && !contains(hole, range)) return [hole];
    reader.error(
      'SW_POLICY_EXCEPT_OUTSIDE',
      [...path, 'except', index],
      `${String(entry)} is not a strict part of ${String(block['cidr'])}`,
      'An except must lie inside the cidr and be smaller than it.',
    );
    return [];
  });
  return range ? { kind: 'block', range, except, pods: 'asProfile' } : NOBODY;
}

/** A network in CIDR notation, or undefined with the problem reported. */
export function readCidr(
  reader: PolicyReader,
  raw: unknown,
  path: Path,
  options: Pick<ReadOptions, 'strictCidr'>,
): IpRange | undefined {
  const parsed = parseCidr(text(raw) ?? '');
  if (parsed.kind === 'ok') return parsed.range;
  if (parsed.kind === 'bitsBehindPrefix') {
    const report = options.strictCidr ? reader.error : reader.warn;
    report(
      'SW_POLICY_CIDR_INVALID',
      path,
      `${String(raw)} has bits set behind its prefix`,
      'Write the address of the network itself. A NetworkPolicy with this is refused from Kubernetes 1.36 on.',
    );
    return options.strictCidr ? undefined : parsed.range;
  }
  reader.error(
    'SW_POLICY_CIDR_INVALID',
    path,
    `${JSON.stringify(raw)} is no network in CIDR notation`,
    'Write it like 10.0.0.0/8 or 2001:db8::/32.',
  );
  return undefined;
}

function readPort(reader: PolicyReader, raw: unknown, path: Path, options: ReadOptions): readonly PortTerm[] {
  const entry = objectAt(reader, raw, path);
  reader.onlyFields(entry, path, ['protocol', 'port', 'endPort']);
  const protocol = readProtocol(reader, entry['protocol'], [...path, 'protocol']);
  if (!protocol) return [];
  const { port, endPort } = entry;
  if (port == null) {
    if (endPort != null)
      return wrongPort(reader, path, 'endPort needs a port', 'Give the first port of the range as port.');
    return [{ kind: 'numbers', ports: portRange(protocol), path }];
  }
  if (typeof port === 'string') {
    if (!isPortName(port))
      return wrongPort(
        reader,
        path,
        `${JSON.stringify(port)} is no port name`,
        'A number is written without quotes; a name has at least one letter.',
      );
    if (endPort != null)
      return wrongPort(reader, path, 'endPort does not go with a named port', 'Use numbers for a range.');
    return [{ kind: 'named', name: port, protocol, path }];
  }
  if (!isPortNumber(port))
    return wrongPort(reader, path, `${JSON.stringify(port)} is no port`, `A port is 1 to ${MAX_PORT}, or a name.`);
  if (endPort == null) return [{ kind: 'numbers', ports: portRange(protocol, port, port), path }];
  if (!isPortNumber(endPort) || endPort < port) {
    const report = options.schema ? reader.error : reader.warn;
    report(
      'SW_POLICY_PORT_INVALID',
      path,
      `endPort ${JSON.stringify(endPort)} is no port from ${port} on`,
      `endPort is ${port} to ${MAX_PORT}.`,
    );
    return [];
  }
  return [{ kind: 'numbers', ports: portRange(protocol, port, endPort), path }];
}

function wrongPort(reader: PolicyReader, path: Path, message: string, hint: string): readonly PortTerm[] {
  reader.error('SW_POLICY_PORT_INVALID', path, message, hint);
  return [];
}

/** The protocol, TCP when absent; undefined with the problem reported. */
export function readProtocol(reader: PolicyReader, raw: unknown, path: Path): Protocol | undefined {
  if (raw == null) return 'TCP';
  if (raw === 'TCP' || raw === 'UDP' || raw === 'SCTP') return raw;
  reader.error(
    'SW_POLICY_PORT_INVALID',
    path,
    `${JSON.stringify(raw)} is no protocol`,
    'Use TCP, UDP or SCTP, in capitals.',
  );
  return undefined;
}

export function isPortNumber(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MAX_PORT;
}

/** IANA_SVC_NAME: up to 15 of a-z, 0-9 and single hyphens inside, with at least one letter. */
export function isPortName(value: string): boolean {
  return (
    value.length <= 15 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(value) && /[a-z]/.test(value) && !value.includes('--')
  );
}

/** The value as an object; an empty one when absent, and with the problem reported when it is something else. */
export function objectAt(reader: PolicyReader, raw: unknown, path: Path): JsonRecord {
  if (isRecord(raw)) return raw;
  if (raw != null)
    reader.error('SW_POLICY_SHAPE_INVALID', path, 'expected an object', 'See the API reference of the kind.');
  return {};
}

/** The value as a list; an empty one when absent, and with the problem reported when it is something else. */
export function listAt(reader: PolicyReader, raw: unknown, path: Path): readonly unknown[] {
  if (Array.isArray(raw)) return raw as readonly unknown[];
  if (raw != null)
    reader.error('SW_POLICY_SHAPE_INVALID', path, 'expected a list', 'See the API reference of the kind.');
  return [];
}
