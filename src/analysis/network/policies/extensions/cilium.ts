import { isRecord, record, records, type JsonRecord } from '../../../../model/json.ts';
import { refOf } from '../../../../model/object.ts';
import type { Resource, Snapshot } from '../../../../model/snapshot.ts';
import {
  EVERYONE,
  policyReader,
  STAGES,
  type Direction,
  type Path,
  type Policy,
  type PolicyReader,
  type PolicyRule,
} from '../policy.ts';
import { listAt, objectAt, type ReadPolicy } from '../read-network-policy.ts';
import { ciliumPeers, endpointScope, type CiliumContext } from './cilium-peers.ts';
import { ciliumPorts } from './cilium-ports.ts';

/*
 * CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy (cilium.io/v2). They are decided together with Kubernetes'
 * own policies: denying rules of any policy first, then allowing ones; what matches nothing is denied where some
 * policy puts the pod into default deny. Source: docs.cilium.io, policy language and deny policies; cilium
 * pkg/policy/api (rule.go: defaults; sanitize: an empty rule matches nobody).
 */

const SPEC_FIELDS = [
  'endpointSelector',
  'nodeSelector',
  'ingress',
  'ingressDeny',
  'egress',
  'egressDeny',
  'enableDefaultDeny',
  'labels',
  'description',
  'log',
];
const SECTIONS = [
  ['ingress', 'ingress', 'allow'],
  ['ingressDeny', 'ingress', 'deny'],
  ['egress', 'egress', 'allow'],
  ['egressDeny', 'egress', 'deny'],
] as const;
/** Denying rules come before every other of the stage. */
const FIRST = -1;

/** Reads one object: a policy for each of `spec` and `specs`. Rules about nodes are left out. */
export function readCiliumPolicy(snapshot: Snapshot, resource: Resource): readonly ReadPolicy[] {
  const { object } = resource;
  const written: (readonly [raw: unknown, path: Path])[] = object['spec'] == null ? [] : [[object['spec'], ['spec']]];
  for (const [index, raw] of records(object['specs'])) written.push([raw, ['specs', index]]);
  return written.flatMap(([raw, path]) => {
    const reader = policyReader(snapshot, resource);
    const spec = objectAt(reader, raw, path);
    if (spec['nodeSelector'] != null) return [];
    return [readSpec(snapshot, resource, reader, spec, path)];
  });
}

function readSpec(
  snapshot: Snapshot,
  resource: Resource,
  reader: PolicyReader,
  spec: JsonRecord,
  path: Path,
): ReadPolicy {
  const { object } = resource;
  reader.versions('cilium.io/v2');
  reader.onlyFields(spec, path, SPEC_FIELDS);
  const namespace =
    object.kind === 'CiliumClusterwideNetworkPolicy' ? undefined : (object.metadata.namespace ?? 'default');
  // Nodes that were refused leave open which addresses are theirs.
  const toldApart = snapshot.list('Node').length > 0 || snapshot.gaps(['Node']).length > 0;
  const context: CiliumContext = { reader, namespace, nodesToldApart: toldApart };
  const subjectPath: Path = [...path, 'endpointSelector'];
  if (!isRecord(spec['endpointSelector']))
    reader.error(
      'SW_POLICY_SUBJECT_INVALID',
      subjectPath,
      'a policy has an endpointSelector or a nodeSelector',
      'To mean every pod write endpointSelector: {}.',
    );
  const scope = endpointScope(context, spec['endpointSelector'], subjectPath);
  const subject = reader.broken() ? { namespaces: scope.namespaces, pods: [] } : scope;
  const rules: Record<Direction, PolicyRule[]> = { ingress: [], egress: [] };
  const written: Record<Direction, boolean> = { ingress: false, egress: false };
  for (const [section, direction, action] of SECTIONS) {
    for (const [index, raw] of listAt(reader, spec[section], [...path, section]).entries()) {
      written[direction] = true;
      rules[direction].push(...readRule(context, raw, index, [...path, section, index], direction, action));
    }
  }
  const wanted = record(spec['enableDefaultDeny']);
  const isolates = (direction: Direction): boolean =>
    typeof wanted[direction] === 'boolean' ? wanted[direction] : written[direction];
  const policy: Policy = {
    ref: refOf(object),
    resource,
    tier: 'extension',
    stage: STAGES.namespace,
    priority: 0,
    order: 1000,
    subject: { ...subject, path: subjectPath },
    isolates: { ingress: isolates('ingress'), egress: isolates('egress') },
    rules,
    invalid: reader.broken(),
  };
  return { policy, problems: reader.problems };
}

function readRule(
  context: CiliumContext,
  raw: unknown,
  index: number,
  path: Path,
  direction: Direction,
  action: 'allow' | 'deny',
): readonly PolicyRule[] {
  const rule = objectAt(context.reader, raw, path);
  const { ports, inspects } = ciliumPorts(context.reader, rule, path);
  const peers = ciliumPeers(context, rule, path, direction);
  const order = action === 'deny' ? { order: FIRST } : {};
  const whole = {
    action,
    index,
    path,
    ports,
    ...order,
    ...(inspects === undefined ? {} : { narrows: inspects }),
  } as const;
  // A rule that names no peer means every peer on its ports, and nobody when it names no ports either.
  if (!peers.named) return ports === 'all' ? [] : [{ ...whole, peers: [{ term: EVERYONE, path }] }];
  return [
    ...(peers.sure.length > 0 ? [{ ...whole, peers: peers.sure }] : []),
    ...peers.open.map((open) => ({ ...whole, peers: [open.peer], conditional: open.on })),
  ];
}
