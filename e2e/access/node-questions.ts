import type { AccessRequest, Requester } from '../../src/analysis/access/types.ts';
import { at, list, text } from '../../src/model/json.ts';
import type { KubernetesObject } from '../../src/model/object.ts';
import { asks } from '../../src/testing/rbac.ts';

/** Questions of every kubelet about what its own pods and those of other nodes use, and about its fixed rights. */
export function nodeQuestions(pods: readonly KubernetesObject[]): readonly (readonly [Requester, AccessRequest])[] {
  const nodes = [...new Set(pods.flatMap((pod) => text(at(pod, 'spec', 'nodeName')) ?? []))];
  const about = [...pods.flatMap(requestsAbout), ...nodes.flatMap(requestsAboutNode), ...FIXED];
  return nodes.flatMap((node) =>
    ['system:nodes', 'system:authenticated'].flatMap((group) =>
      about.map((request) => [{ user: `system:node:${node}`, groups: [group] }, request] as const),
    ),
  );
}

function requestsAbout(pod: KubernetesObject): readonly AccessRequest[] {
  const namespace = pod.metadata.namespace ?? '';
  const ask = (verb: string, resource: string, name: unknown): AccessRequest =>
    asks(verb, resource, { namespace, name: text(name) ?? '' });
  const configMaps = list(at(pod, 'spec', 'volumes')).flatMap((volume) => [
    at(volume, 'configMap', 'name'),
    ...list(at(volume, 'projected', 'sources')).map((source) => at(source, 'configMap', 'name')),
  ]);
  const account = at(pod, 'spec', 'serviceAccountName');
  return [
    ...['get', 'list', 'delete', 'update'].map((verb) => ask(verb, 'pods', pod.metadata.name)),
    ask('update', 'pods/status', pod.metadata.name),
    ask('create', 'pods/eviction', pod.metadata.name),
    ask('create', 'pods/exec', pod.metadata.name),
    ...configMaps.flatMap((name) => ['get', 'watch', 'update'].map((verb) => ask(verb, 'configmaps', name))),
    ...['get', 'list', 'update'].map((verb) => ask(verb, 'serviceaccounts', account)),
    ask('create', 'serviceaccounts/token', account),
    ask('get', 'secrets', 'not-used'),
  ];
}

function requestsAboutNode(name: string): readonly AccessRequest[] {
  return ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'].flatMap((verb) => [
    asks(verb, 'nodes', { name }),
    asks(verb, 'nodes/status', { name }),
    asks(verb, 'nodes/proxy', { name }),
    asks(verb, 'leases', { name, group: 'coordination.k8s.io', namespace: 'kube-node-lease' }),
    asks(verb, 'leases', { name, group: 'coordination.k8s.io', namespace: 'default' }),
    asks(verb, 'csinodes', { name, group: 'storage.k8s.io' }),
  ]);
}

const FIXED: readonly AccessRequest[] = [
  ...['get', 'list', 'create', 'delete'].flatMap((verb) => [
    asks(verb, 'services'),
    asks(verb, 'events', { namespace: 'default' }),
    asks(verb, 'certificatesigningrequests', { group: 'certificates.k8s.io' }),
    asks(verb, 'resourceslices', { group: 'resource.k8s.io', name: 's' }),
    asks(verb, 'podcertificaterequests', { group: 'certificates.k8s.io', namespace: 'default', name: 'p' }),
    asks(verb, 'volumeattachments', { group: 'storage.k8s.io', name: 'v' }),
    asks(verb, 'persistentvolumes', { name: 'v' }),
    asks(verb, 'persistentvolumeclaims', { namespace: 'default', name: 'c' }),
    asks(verb, 'runtimeclasses', { group: 'node.k8s.io', name: 'r' }),
    asks(verb, 'pods', { namespace: 'default' }),
  ]),
  { kind: 'nonResource', verb: 'get', path: '/metrics' },
  { kind: 'nonResource', verb: 'get', path: '/healthz' },
];
