import { isRecord, list, record, strings, text, type JsonRecord } from '../../../../model/json.ts';
import { refOf } from '../../../../model/object.ts';
import type { Resource, Snapshot } from '../../../../model/snapshot.ts';
import { MESH_KEY } from '../../inhabitants/mesh.ts';
import {
  EVERY_NAMESPACE,
  EVERYONE,
  policyReader,
  STAGES,
  type Path,
  type Policy,
  type PolicyPeer,
  type PolicyReader,
  type PolicyRule,
} from '../policy.ts';
import {
  intersectPorts,
  NO_PORTS,
  portRange,
  singlePort,
  subtractPorts,
  unionPorts,
  type PortSet,
} from '../../ports/ports.ts';
import { isPortNumber, listAt, objectAt, type ReadPolicy } from '../read-network-policy.ts';
import { sourceTerm } from './istio-source.ts';
import type { KnownValues } from './known-values.ts';

/*
 * AuthorizationPolicy (security.istio.io). A layer of its own above the network, enforced where the destination has
 * a proxy, for TCP only: CUSTOM and DENY rules first, then, where an ALLOW policy selects the pod, only what some
 * ALLOW rule matches. What a rule says about requests can't be known from connections.
 * Source: istio.io, reference of AuthorizationPolicy and its implicit enablement.
 */

/** Policies in it are about every namespace. */
export const ROOT_NAMESPACE = 'istio-system';
const ORDER: Readonly<Record<string, number>> = { CUSTOM: 0, DENY: 1, ALLOW: 2 };
const TCP = portRange('TCP');
/** Other protocols don't pass through the proxy. */
const NOT_TCP: PolicyRule = {
  action: 'allow',
  index: -1,
  path: ['spec'],
  peers: [{ term: EVERYONE, path: ['spec'] }],
  ports: [{ kind: 'numbers', ports: unionPorts(portRange('UDP'), portRange('SCTP')), path: ['spec'] }],
  order: -1,
};

/** What a waypoint or gateway with an ALLOW policy does with the rest; the pods themselves know nothing of it. */
const DENIED_ON_THE_WAY: PolicyRule = {
  action: 'deny',
  index: -1,
  path: ['spec', 'targetRefs'],
  peers: [{ term: EVERYONE, path: ['spec', 'targetRefs'] }],
  ports: [{ kind: 'numbers', ports: TCP, path: ['spec', 'targetRefs'] }],
  order: ORDER['ALLOW'] ?? 2,
  conditional: 'the waypoint or gateway it is attached to',
};

export function readAuthorizationPolicy(
  snapshot: Snapshot,
  resource: Resource,
  known: KnownValues,
): readonly ReadPolicy[] {
  const reader = policyReader(snapshot, resource);
  const { object } = resource;
  const spec = objectAt(reader, object['spec'] ?? {}, ['spec']);
  reader.versions('security.istio.io/v1', 'security.istio.io/v1beta1');
  reader.onlyFields(spec, ['spec'], ['selector', 'targetRef', 'targetRefs', 'action', 'rules', 'provider']);
  const action = text(spec['action']) ?? 'ALLOW';
  if (action === 'AUDIT') return [];
  const order = ORDER[action];
  if (order === undefined)
    reader.error(
      'SW_POLICY_ACTION_INVALID',
      ['spec', 'action'],
      `${JSON.stringify(spec['action'])} is no action`,
      'Use ALLOW, DENY, AUDIT or CUSTOM.',
    );
  const namespace = object.metadata.namespace ?? 'default';
  const selected = reader.selector({ matchLabels: record(record(spec['selector'])['matchLabels']) }, [
    'spec',
    'selector',
  ]);
  const attached = spec['targetRef'] != null || list(spec['targetRefs']).length > 0;
  const read = readRules(reader, spec, order ?? 1, action, namespace, known, attached);
  const allows = action === 'ALLOW';
  const policy: Policy = {
    ref: refOf(object),
    resource,
    tier: 'extension',
    stage: STAGES.mesh,
    priority: 0,
    order: order ?? 1,
    subject: {
      namespaces: namespace === ROOT_NAMESPACE ? EVERY_NAMESPACE : { kind: 'name', name: namespace },
      pods: [...selected, { operator: 'In', key: MESH_KEY, values: ['in', 'unknown'] }],
      path: ['spec', 'selector'],
    },
    isolates: { ingress: allows && !attached, egress: false },
    rules: { ingress: [NOT_TCP, ...read, ...(allows && attached ? [DENIED_ON_THE_WAY] : [])], egress: [] },
    invalid: reader.broken(),
  };
  return [{ policy, problems: reader.problems }];
}

function readRules(
  reader: PolicyReader,
  spec: JsonRecord,
  order: number,
  action: string,
  namespace: string,
  known: KnownValues,
  attached: boolean,
): readonly PolicyRule[] {
  return listAt(reader, spec['rules'], ['spec', 'rules']).map((raw, index): PolicyRule => {
    const path: Path = ['spec', 'rules', index];
    const rule = objectAt(reader, raw, path);
    reader.onlyFields(rule, path, ['from', 'to', 'when']);
    const conditions = new Set<string>();
    if (action === 'CUSTOM') conditions.add('an external authorizer');
    if (attached) conditions.add('the waypoint or gateway it is attached to');
    if (list(rule['when']).length > 0) conditions.add('conditions on requests');
    const from = listAt(reader, rule['from'], [...path, 'from']);
    const peers = from.flatMap((entry, i): PolicyPeer[] => {
      const at: Path = [...path, 'from', i, 'source'];
      const source = objectAt(reader, record(entry)['source'], at);
      refuseEmpty(reader, source, at);
      const term = sourceTerm(reader, source, at, namespace, known, (what) => conditions.add(what));
      return (term.kind === 'anyOf' ? term.terms : [term]).map((each) => ({ term: each, path: at }));
    });
    if (from.length === 0) peers.push({ term: EVERYONE, path });
    for (const field of ['from', 'to']) if (rule[field] != null) refuseEmpty(reader, rule[field], [...path, field]);
    const ports = readOperations(reader, rule['to'], [...path, 'to'], (what) => conditions.add(what));
    return {
      action: action === 'ALLOW' ? 'allow' : 'deny',
      index,
      path,
      peers,
      ports: [{ kind: 'numbers', ports: ports ?? TCP, path }],
      order,
      ...(conditions.size > 0 ? { conditional: [...conditions].sort().join(' and ') } : {}),
    };
  });
}

/** A source, an operation or a list of them that says nothing is refused; left out, it means everybody and everything. */
function refuseEmpty(reader: PolicyReader, value: unknown, path: Path): void {
  const entries = Array.isArray(value) ? value : Object.values(record(value)).flat();
  if (entries.length === 0)
    reader.error('SW_POLICY_PEER_INVALID', path, 'this is empty', 'Leave it out to mean everybody and everything.');
}

/** Ports of the operations; undefined for every port. */
function readOperations(
  reader: PolicyReader,
  raw: unknown,
  path: Path,
  open: (what: string) => void,
): PortSet | undefined {
  const operations = listAt(reader, raw, path);
  if (operations.length === 0) return undefined;
  return operations.reduce<PortSet>((sum, entry, index) => {
    const at: Path = [...path, index, 'operation'];
    const operation = isRecord(entry) ? objectAt(reader, entry['operation'], at) : {};
    refuseEmpty(reader, operation, at);
    for (const field of Object.keys(operation)) {
      if (field === 'ports' || field === 'notPorts') continue;
      open(`${field.replace(/^not/, '').toLowerCase()} of requests`);
    }
    let here: PortSet = TCP;
    if (operation['ports'] != null) here = intersectPorts(here, portsOf(reader, operation['ports'], [...at, 'ports']));
    if (operation['notPorts'] != null)
      here = subtractPorts(here, portsOf(reader, operation['notPorts'], [...at, 'notPorts']));
    return unionPorts(sum, here);
  }, NO_PORTS);
}

function portsOf(reader: PolicyReader, raw: unknown, path: Path): PortSet {
  return strings(raw).reduce<PortSet>((sum, written, index) => {
    const port = Number(written);
    if (isPortNumber(port)) return unionPorts(sum, singlePort('TCP', port));
    reader.error(
      'SW_POLICY_PORT_INVALID',
      [...path, index],
      `${JSON.stringify(written)} is no port`,
      'Write a number in quotes.',
    );
    return sum;
  }, NO_PORTS);
}
