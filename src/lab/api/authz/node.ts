import type { Requester, ResourceRequest } from '../../../analysis/access/index.ts';
import { at, isRecord } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import type { Store } from '../storage/store.ts';
import { nodeOf } from './node-identity.ts';

const READ = ['get', 'list', 'watch'];

/**
 * The Node authorizer, reduced to what the lab's node agents do: read Secrets and ConfigMaps of their own pods and
 * tokens of their pods' accounts, keep their own node, lease and pods. Source: plugin/pkg/auth/authorizer/node.
 */
export function decideForNode(store: Store, requester: Requester, request: ResourceRequest): boolean {
  const node = nodeOf(requester);
  if (node === undefined) return false;
  const { verb, resource, subresource, name, namespace } = request;
  switch (resource) {
    case 'nodes':
      if (READ.includes(verb)) return true;
      return ['create', 'update', 'patch'].includes(verb) && (name === '' || name === node);
    case 'pods':
      if (READ.includes(verb) && subresource === '') return true;
      if (subresource === 'status') return verb === 'update' || verb === 'patch';
      return subresource === '' && verb === 'delete';
    case 'services':
    case 'endpointslices':
    case 'namespaces':
    case 'runtimeclasses':
    case 'csidrivers':
      return READ.includes(verb);
    case 'events':
      return ['create', 'update', 'patch'].includes(verb);
    case 'leases':
      return namespace === 'kube-node-lease' && ['get', 'create', 'update', 'patch', 'delete'].includes(verb);
    case 'configmaps':
    case 'secrets':
      return (
        READ.includes(verb) &&
        name !== '' &&
        podsOf(store, node, namespace).some((pod) => mentions(pod, resource, name))
      );
    case 'serviceaccounts':
      if (subresource === 'token' && verb === 'create') {
        return podsOf(store, node, namespace).some((pod) => at(pod, 'spec', 'serviceAccountName') === name);
      }
      return verb === 'get' && subresource === '';
    case 'tokenreviews':
    case 'subjectaccessreviews':
      return verb === 'create';
    default:
      return false;
  }
}

function podsOf(store: Store, node: string, namespace: string): readonly KubernetesObject[] {
  return store.list('pods', namespace).filter((pod) => at(pod, 'spec', 'nodeName') === node);
}

const REFERENCES: Readonly<Record<string, ReadonlySet<string>>> = {
  configmaps: new Set(['configMap', 'configMapRef', 'configMapKeyRef']),
  secrets: new Set(['secret', 'secretRef', 'secretKeyRef', 'imagePullSecrets']),
};

/** Whether the spec refers to the object anywhere: volumes, environment, pull secrets. */
function mentions(pod: KubernetesObject, resource: string, name: string): boolean {
  const fields = REFERENCES[resource];
  const search = (value: unknown, under: string): boolean => {
    if (Array.isArray(value)) return value.some((entry) => search(entry, under));
    if (!isRecord(value)) return false;
    if (fields?.has(under) && (value['name'] === name || value['secretName'] === name)) return true;
    return Object.entries(value).some(([field, entry]) => search(entry, field));
  };
  return search(pod['spec'], '');
}
