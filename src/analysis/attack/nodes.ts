import { SeaworthyError } from '../../model/errors.ts';
import { didYouMean } from '../../model/suggest.ts';

/**
 * What an intruder holds at a point of an attack. `name` of a Reach is `pod:port`, of a Code `pod/container`; the
 * pod is named by the workload that owns it. An Identity has no namespace: its name is a user name, or
 * `group:NAME`. A Root, HostRead or NodeIdentity without a name is some node, not known which.
 */
export interface AttackNode {
  readonly kind: NodeKind;
  readonly namespace?: string;
  readonly name?: string;
  /** Of a May: the one object the right is limited to; of a Shell: the node of the pod; of a HostRead: which files. */
  readonly object?: string;
  /** Of a May: the requester that has it, where one request needs several rights. */
  readonly by?: string;
}

/** Node kinds a person may name as foothold or goal. */
export const NODE_KINDS = [
  'Internet',
  'Reach',
  'Code',
  'Shell',
  'Token',
  'Identity',
  'Secret',
  'HostRead',
  'Root',
  'NodeIdentity',
  'NamespaceAdmin',
  'ClusterAdmin',
  'SystemMasters',
  'TrafficIntercept',
  'CloudPrincipal',
] as const;

/**
 * Gives nothing by itself: the power to switch Pod Security off, in one namespace or everywhere; with a name, the power over one
 * of the webhooks and policies that are asked beside it.
 */
const POWERS = ['AdmissionControl'] as const;

/**
 * Nodes that only the engine knows; output folds them into the hops beside them. `Role`: the rules of a role, held in
 * a namespace or everywhere. `May`: one right. `All`: every member of a group at once.
 */
const STATIONS = ['Role', 'May', 'All'] as const;

export type NodeKind = (typeof NODE_KINDS)[number] | (typeof POWERS)[number] | (typeof STATIONS)[number];

export function isStation({ kind }: AttackNode): boolean {
  return (STATIONS as readonly NodeKind[]).includes(kind);
}

const NAMESPACED: ReadonlySet<NodeKind> = new Set(['Reach', 'Code', 'Shell', 'Token', 'Secret']);
const BARE: ReadonlySet<NodeKind> = new Set(['Internet', 'ClusterAdmin', 'SystemMasters', 'TrafficIntercept']);
const NAME_OPTIONAL: ReadonlySet<NodeKind> = new Set(['HostRead', 'Root', 'NodeIdentity', 'CloudPrincipal']);

export function node(kind: NodeKind, name?: string, namespace?: string): AttackNode {
  return { kind, ...(namespace === undefined ? {} : { namespace }), ...(name === undefined ? {} : { name }) };
}

/** A network position from which the API server answers: the gate of every use of a token. */
export const API_REACH: AttackNode = node('Reach', 'kubernetes:443', 'default');

/** `Shell:shop/web`, `Root`, `Identity:group:ops`: what `--from` and `--to` take, and the node's identity. */
export function formatNode({ kind, namespace, name, object, by }: AttackNode): string {
  const place = namespace === undefined ? name : name === undefined ? namespace : `${namespace}/${name}`;
  const named = place === undefined ? kind : `${kind}:${place}`;
  const written = object === undefined ? named : `${named}#${object}`;
  return by === undefined ? written : `${written} by ${by}`;
}

/** Reads what `formatNode` writes. Throws SW_ATTACK_NODE for anything else. */
export function parseNode(written: string): AttackNode {
  const colon = written.indexOf(':');
  const kind = (colon < 0 ? written : written.slice(0, colon)) as NodeKind;
  const rest = colon < 0 ? '' : written.slice(colon + 1);
  if (!(NODE_KINDS as readonly string[]).includes(kind))
    throw wrong(written, `there is no node kind ${JSON.stringify(kind)}`, didYouMean(kind, NODE_KINDS));
  if (BARE.has(kind)) {
    if (rest !== '') throw wrong(written, `${kind} takes no name`);
    return node(kind);
  }
  if (rest === '') {
    if (NAME_OPTIONAL.has(kind)) return node(kind);
    throw wrong(written, `${kind} needs a name`);
  }
  if (kind === 'NamespaceAdmin') return node(kind, undefined, rest);
  if (!NAMESPACED.has(kind)) return node(kind, rest);
  const slash = rest.indexOf('/');
  if (slash <= 0 || slash === rest.length - 1) throw wrong(written, `${kind} needs namespace/name`);
  const name = rest.slice(slash + 1);
  if (kind === 'Code' && !name.includes('/')) throw wrong(written, 'Code needs namespace/pod/container');
  if (kind === 'Reach' && !/:\d+$/.test(name)) throw wrong(written, 'Reach needs namespace/pod:port');
  return node(kind, name, rest.slice(0, slash));
}

function wrong(written: string, why: string, meant?: string): SeaworthyError {
  return new SeaworthyError('SW_ATTACK_NODE', `${JSON.stringify(written)} is no foothold or goal: ${why}`, {
    hint: `${meant === undefined ? '' : `${meant} `}Write Kind[:[namespace/]name] with one of ${NODE_KINDS.join(', ')}; for example Shell:shop/web or Root.`,
  });
}
