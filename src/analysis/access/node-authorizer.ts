import { becauseOfGap, type Because } from '../../model/because.ts';
import type { KubernetesVersion, Snapshot } from '../../model/snapshot.ts';
import { atLeast, NEWEST_KUBERNETES } from '../../model/version.ts';
import { DEFAULT_OBJECTS } from './defaults/index.ts';
import { nodeLinks, type LinkedKind, type NodeLinks } from './node-links.ts';
import { readRules, ruleAllows } from './rules.ts';
import type { AccessRequest, Requester, ResourceRequest } from './types.ts';

/** What the Node authorizer says; undefined when the requester is no node and it has nothing to say. */
export type NodeAnswer = { readonly allowed: boolean | 'unknown'; readonly because: readonly Because[] } | undefined;

const SOURCE = 'kubernetes plugin/pkg/auth/authorizer/node/node_authorizer.go';
const PREFIX = 'system:node:';
const NODE_RULES = readRules(
  DEFAULT_OBJECTS.find(({ kind, metadata }) => kind === 'ClusterRole' && metadata.name === 'system:node')?.['rules'],
);

/** The node a requester is: user `system:node:NAME` in group `system:nodes`. */
export function nodeOf({ user, groups }: Requester): string | undefined {
  return user.startsWith(PREFIX) && groups.includes('system:nodes') ? user.slice(PREFIX.length) : undefined;
}

/**
 * The Node authorizer: a kubelet gets only what belongs to the pods bound to its node, besides a few fixed rules. Its
 * graph is built when a node first asks. Feature gates are at the defaults of the snapshot's Kubernetes version.
 */
export function nodeAuthorizer(snapshot: Snapshot): (requester: Requester, request: AccessRequest) => NodeAnswer {
  let links: NodeLinks | undefined;
  const version = snapshot.kubernetesVersion ?? NEWEST_KUBERNETES;
  return (requester, request) => {
    const node = nodeOf(requester);
    if (node === undefined || node === '') return undefined;
    const need = request.kind === 'resource' ? needOf(node, request, version) : undefined;
    if (need === undefined) {
      return NODE_RULES.some((rule) => ruleAllows(rule, request))
        ? answer(true, `the Node authorizer allows it to every node`)
        : answer(false, 'the Node authorizer allows it to no node');
    }
    if (typeof need === 'string') return answer(false, `the Node authorizer: ${need}`);
    if (need === true) return answer(true, `the Node authorizer allows it to node ${node}`);
    links ??= nodeLinks(snapshot);
    const { kind, namespace, name } = need;
    const object = `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
    if (links.has(node, kind, namespace, name))
      return answer(true, `the Node authorizer links ${object} to node ${node}`);
    if (links.mayHave(kind, namespace, name)) {
      const says = `a pod that may be scheduled to node ${node} uses ${object}`;
      return { allowed: 'unknown', because: [{ kind: 'parameter', parameter: 'pod placement', says }] };
    }
    const gaps = snapshot.gaps(['Pod', 'PersistentVolume', 'VolumeAttachment.storage.k8s.io'], namespace || undefined);
    if (gaps.length > 0) return { allowed: 'unknown', because: gaps.map(becauseOfGap) };
    return answer(false, `the Node authorizer knows no pod on node ${node} that uses ${object}`);
  };
}

function answer(allowed: boolean, says: string): NodeAnswer {
  return { allowed, because: [{ kind: 'rule', source: SOURCE, says }] };
}

interface Link {
  readonly kind: LinkedKind;
  readonly namespace: string;
  readonly name: string;
}

/** True: allowed. Text: refused, and why. A link: allowed if the node has it. Undefined: the fixed rules decide. */
function needOf(node: string, request: ResourceRequest, version: KubernetesVersion): true | string | Link | undefined {
  const { verb, subresource, name, namespace } = request;
  const selectors = atLeast(version, 1, 32);
  const link = (kind: LinkedKind): Link | string =>
    name === '' ? 'only single objects, by name' : { kind, namespace, name };
  const get = (kind: LinkedKind): Link | string =>
    verb === 'get' && subresource === '' ? link(kind) : 'only get of single objects of this kind';
  const read = (kind: LinkedKind): Link | string => {
    if (!['get', 'list', 'watch'].includes(verb) || subresource !== '') return 'this kind can only be read';
    return namespace === '' ? 'only in a namespace' : link(kind);
  };
  const own = (): true | string => {
    if (!['get', 'create', 'update', 'patch', 'delete'].includes(verb)) return 'only single objects';
    return verb === 'create' || name === node ? true : "only the node's own object";
  };
  switch (`${request.resource}.${request.group}`) {
    case 'secrets.':
      return read('secret');
    case 'configmaps.':
      return read('configmap');
    case 'persistentvolumeclaims.':
      if (subresource !== 'status') return get('pvc');
      return verb === 'update' || verb === 'patch' ? link('pvc') : 'status can only be updated';
    case 'persistentvolumes.':
      return get('pv');
    case 'resourceclaims.resource.k8s.io':
      return get('resourceclaim');
    case 'volumeattachments.storage.k8s.io':
      return get('attachment');
    case 'serviceaccounts.':
      if (verb === 'get' && subresource === '')
        return atLeast(version, 1, 34) ? read('serviceaccount') : 'not this kind';
      return verb === 'create' && subresource === 'token' ? link('serviceaccount') : 'only tokens for its own pods';
    case 'leases.coordination.k8s.io':
      return namespace === 'kube-node-lease' ? own() : 'only leases in kube-node-lease';
    case 'csinodes.storage.k8s.io':
      return subresource === '' ? own() : 'no subresources';
    case 'resourceslices.resource.k8s.io':
      if (subresource !== '') return 'no subresources';
      if (verb === 'create') return true;
      if (['get', 'update', 'patch', 'delete'].includes(verb)) return link('slice');
      if (!['list', 'watch', 'deletecollection'].includes(verb)) return 'not this verb';
      return selectors ? 'only with a field selector for its own node' : true;
    case 'nodes.':
      return selectors ? ofNodes(node, request) : undefined;
    case 'pods.':
      return selectors ? ofPods(request, link('pod')) : undefined;
    case 'podcertificaterequests.certificates.k8s.io':
      return 'pod certificates are off by default';
    default:
      return undefined;
  }
}

function ofNodes(node: string, { verb, subresource, name }: ResourceRequest): true | string {
  if (subresource === 'status') return verb === 'update' || verb === 'patch' || 'status can only be updated';
  if (subresource !== '') return 'no other subresources of nodes';
  if (['create', 'update', 'patch'].includes(verb)) return true;
  return (['get', 'list', 'watch'].includes(verb) && name === node) || 'only its own Node object';
}

function ofPods({ verb, subresource }: ResourceRequest, pod: Link | string): true | string | Link {
  if (subresource === 'status') return verb === 'update' || verb === 'patch' || 'status can only be updated';
  if (subresource === 'eviction') return verb === 'create' || 'evictions can only be created';
  if (subresource !== '') return 'no other subresources of pods';
  if (verb === 'create' || verb === 'delete') return true;
  return ['get', 'list', 'watch'].includes(verb) ? pod : 'pods can only be read, created and deleted';
}
