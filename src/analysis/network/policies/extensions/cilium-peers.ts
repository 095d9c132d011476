import { isRecord, list, record, records, text, type JsonRecord } from '../../../../model/json.ts';
import type { Requirement } from '../../../../model/selectors.ts';
import { ALL_IPV4, ALL_IPV6, contains } from '../../addresses/ip.ts';
import { SERVICE_ACCOUNT_KEY } from '../../inhabitants/mesh.ts';
import {
  EVERY_NAMESPACE,
  EVERYONE,
  NOBODY,
  type Direction,
  type Path,
  type PeerTerm,
  type PodScope,
  type PolicyPeer,
  type PolicyReader,
} from '../policy.ts';
import { listAt, objectAt, readCidr } from '../read-network-policy.ts';

export interface CiliumContext {
  readonly reader: PolicyReader;
  /** Undefined in a clusterwide policy. */
  readonly namespace: string | undefined;
  /** Whether addresses of nodes are told from addresses outside; files often give no Nodes. */
  readonly nodesToldApart: boolean;
}

export interface CiliumPeers {
  /** Whether the rule says anything about peers. */
  readonly named: boolean;
  readonly sure: readonly PolicyPeer[];
  /** Peers that depend on something that is not in the configuration. */
  readonly open: readonly { readonly peer: PolicyPeer; readonly on: string }[];
}

const NAME_LABEL = 'kubernetes.io/metadata.name';
const POD_NAMESPACE = 'io.kubernetes.pod.namespace';
const NAMESPACE_LABELS = 'io.cilium.k8s.namespace.labels.';
const SERVICE_ACCOUNT = 'io.cilium.k8s.policy.serviceaccount';
/** Every pod has these, and they say nothing within one cluster. */
const SAME_FOR_ALL = ['io.cilium.k8s.policy.cluster'];

const INGRESS_FIELDS = [
  'fromEndpoints',
  'fromRequires',
  'fromCIDR',
  'fromCIDRSet',
  'fromEntities',
  'fromGroups',
  'fromNodes',
];
const EGRESS_FIELDS = [
  'toEndpoints',
  'toRequires',
  'toCIDR',
  'toCIDRSet',
  'toEntities',
  'toGroups',
  'toNodes',
  'toServices',
  'toFQDNs',
];
const PORT_FIELDS = ['toPorts', 'icmps', 'authentication'];

/** The peers of one rule: any entry of any of its fields. */
export function ciliumPeers(context: CiliumContext, rule: JsonRecord, path: Path, direction: Direction): CiliumPeers {
  const { reader } = context;
  const prefix = direction === 'ingress' ? 'from' : 'to';
  const fields = direction === 'ingress' ? INGRESS_FIELDS : EGRESS_FIELDS;
  reader.onlyFields(rule, path, [...fields, ...PORT_FIELDS]);
  const sure: PolicyPeer[] = [];
  const open: { peer: PolicyPeer; on: string }[] = [];
  const each = (field: string, take: (entry: unknown, at: Path) => void): void => {
    for (const [index, entry] of listAt(reader, rule[prefix + field], [...path, prefix + field]).entries())
      take(entry, [...path, prefix + field, index]);
  };
  each('Endpoints', (entry, at) => sure.push({ term: endpointTerm(context, entry, at), path: at }));
  each('Nodes', (entry, at) => sure.push({ term: { kind: 'nodes', selector: reader.selector(entry, at) }, path: at }));
  each('CIDR', (entry, at) => sure.push({ term: blockTerm(context, { cidr: entry }, at), path: at }));
  each('CIDRSet', (entry, at) => {
    const set = objectAt(reader, entry, at);
    if (set['cidr'] == null) open.push({ peer: { term: EVERYONE, path: at }, on: 'a CiliumCIDRGroup' });
    else sure.push({ term: blockTerm(context, set, at), path: at });
  });
  each('Entities', (entry, at) => {
    if (entry === 'host') open.push({ peer: { term: ALL_NODES, path: at }, on: "which node is the pod's own" });
    else for (const term of entityTerms(context, entry, at)) sure.push({ term, path: at });
  });
  each('FQDNs', (entry, at) => {
    const name = text(record(entry)['matchName']) ?? text(record(entry)['matchPattern']) ?? '';
    sure.push({ term: { kind: 'names', names: [name] }, path: at });
  });
  for (const field of ['Services', 'Groups'])
    each(field, (_, at) => open.push({ peer: { term: EVERYONE, path: at }, on: `the addresses of ${prefix}${field}` }));
  const required = `${prefix}Requires`;
  if (list(rule[required]).length > 0) {
    open.push(...sure.splice(0).map((peer) => ({ peer, on: required })));
  }
  return { named: fields.some((field) => rule[field] != null), sure, open };
}

/** The pods an EndpointSelector means. Without a namespace in it, a namespaced policy means its own. */
export function endpointScope({ reader, namespace }: CiliumContext, raw: unknown, path: Path): PodScope {
  const pods: Requirement[] = [];
  const around: Requirement[] = [];
  for (const requirement of reader.selector(withoutSources(raw), path)) {
    const { key } = requirement;
    if (key === POD_NAMESPACE) around.push({ ...requirement, key: NAME_LABEL });
    else if (key.startsWith(NAMESPACE_LABELS)) around.push({ ...requirement, key: key.slice(NAMESPACE_LABELS.length) });
    else if (key === SERVICE_ACCOUNT) pods.push({ ...requirement, key: SERVICE_ACCOUNT_KEY });
    else if (!SAME_FOR_ALL.includes(key)) pods.push(requirement);
  }
  const own = namespace === undefined ? EVERY_NAMESPACE : ({ kind: 'name', name: namespace } as const);
  return { namespaces: around.length > 0 ? { kind: 'labels', selector: around } : own, pods };
}

/** Label keys without the source Cilium lets one write before them (`k8s:app`, `any:app`). */
function withoutSources(raw: unknown): unknown {
  if (!isRecord(raw)) return raw;
  const plain = (key: string): string => key.replace(/^(k8s|any)[:.]/, '');
  return {
    ...raw,
    ...(isRecord(raw['matchLabels'])
      ? {
          matchLabels: Object.fromEntries(
            Object.entries(raw['matchLabels']).map(([key, value]) => [plain(key), value]),
          ),
        }
      : {}),
    ...(Array.isArray(raw['matchExpressions'])
      ? {
          matchExpressions: records(raw['matchExpressions']).map(([, expression]) => ({
            ...expression,
            key: plain(text(expression['key']) ?? ''),
          })),
        }
      : {}),
  };
}

const ALL_NODES: PeerTerm = { kind: 'nodes', selector: [] };
const ALL_PODS: PeerTerm = { kind: 'pods', namespaces: EVERY_NAMESPACE, pods: [], podsGiven: true, withoutHosts: true };

function endpointTerm(context: CiliumContext, raw: unknown, path: Path): PeerTerm {
  // `reserved:host` and the like name an entity in the form of a label.
  const keys = [
    ...Object.keys(record(record(raw)['matchLabels'])),
    ...records(record(raw)['matchExpressions']).map(([, expression]) => text(expression['key']) ?? ''),
  ];
  const reserved = keys.find((key) => key.startsWith('reserved:'));
  if (reserved !== undefined)
    return { kind: 'anyOf', terms: entityTerms(context, reserved.slice('reserved:'.length), path) };
  return { kind: 'pods', ...endpointScope(context, raw, path), podsGiven: true, withoutHosts: true };
}

/** Source: docs.cilium.io, entities based. */
function entityTerms({ reader, nodesToldApart }: CiliumContext, entity: unknown, path: Path): readonly PeerTerm[] {
  const world = (family: 4 | 6): PeerTerm =>
    outside({ kind: 'block', range: family === 4 ? ALL_IPV4 : ALL_IPV6, except: [], pods: 'never' }, nodesToldApart);
  switch (entity) {
    case 'all':
      return [EVERYONE];
    case 'world':
      return [world(4), world(6)];
    case 'world-ipv4':
      return [world(4)];
    case 'world-ipv6':
      return [world(6)];
    case 'cluster':
      return [ALL_PODS, ALL_NODES];
    case 'host':
    case 'remote-node':
      return [ALL_NODES];
    case 'kube-apiserver':
      return [{ kind: 'names', names: ['the API server'] }];
    case 'init':
    case 'ingress':
    case 'health':
    case 'unmanaged':
    case 'none':
      return [NOBODY];
    default:
      reader.error(
        'SW_POLICY_PEER_INVALID',
        path,
        `${JSON.stringify(entity)} is no entity`,
        'Entities are all, world, cluster, host, remote-node, kube-apiserver, init, ingress, health, unmanaged, none.',
      );
      return [NOBODY];
  }
}

/** Addresses never mean pods or nodes, which have an identity of their own. */
function outside(block: PeerTerm, nodesToldApart: boolean): PeerTerm {
  return nodesToldApart ? { kind: 'allOf', terms: [block, { kind: 'not', term: ALL_NODES }] } : block;
}

function blockTerm({ reader, nodesToldApart }: CiliumContext, set: JsonRecord, path: Path): PeerTerm {
  const written = text(set['cidr']) ?? '';
  const cidr = written.includes('/') ? written : `${written}/${written.includes(':') ? 128 : 32}`;
  const range = readCidr(reader, cidr, path, { strictCidr: false });
  const except = listAt(reader, set['except'], [...path, 'except']).flatMap((entry, index) => {
    const hole = readCidr(reader, entry, [...path, 'except', index], { strictCidr: false });
    if (!hole || !range) return [];
    if (contains(range, hole)) return [hole];
    reader.error(
      'SW_POLICY_EXCEPT_OUTSIDE',
      [...path, 'except', index],
      `${String(entry)} is not inside ${written}`,
      'An except must lie inside the cidr.',
    );
    return [];
  });
  return range ? outside({ kind: 'block', range, except, pods: 'never' }, nodesToldApart) : NOBODY;
}
