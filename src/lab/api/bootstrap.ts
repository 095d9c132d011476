import { randomUUID } from 'node:crypto';
import { DEFAULT_OBJECTS } from '../../analysis/access/defaults/index.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { timestamp, type Call, type Core } from './core.ts';
import type { ApiKind } from './kinds.ts';
import { createObject } from './operations/write.ts';
import { storageKey } from './registry.ts';

export interface BootstrapOptions {
  readonly ca: string;
  readonly kubernetesAddress: string;
  readonly advertise?: { readonly address: string; readonly port: number };
}

const NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

const PRIORITY_CLASSES = [
  [
    'system-cluster-critical',
    2_000_000_000,
    'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  ],
  [
    'system-node-critical',
    2_000_001_000,
    'Used for system critical pods that must not be moved from their current node.',
  ],
] as const;

/** What every cluster holds before anybody has written to it. The controllers keep some of it so. */
export function bootstrap(core: Core, options: BootstrapOptions): void {
  const call: Call = {
    requester: { user: 'system:apiserver', groups: ['system:masters'], extra: {} },
    dryRun: false,
    manager: 'kube-apiserver',
    fieldValidation: 'Ignore',
    warnings: [],
  };
  const kindOf = (object: Pick<KubernetesObject, 'apiVersion' | 'kind'>): ApiKind => {
    const kind = core.registry.byKind(object.apiVersion, object.kind);
    if (!kind) throw new Error(`no kind ${object.apiVersion} ${object.kind}`);
    return kind;
  };
  const create = (object: KubernetesObject): KubernetesObject =>
    createObject(core, call, kindOf(object), object.metadata.namespace, object);

  for (const name of NAMESPACES) create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  // Two hundred objects that are known to be right go in without the checks that would take most of the start.
  for (const object of DEFAULT_OBJECTS) core.store.put(storageKey(kindOf(object)), withIdentity(object, core));
  for (const [name, value, description] of PRIORITY_CLASSES) {
    create({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value, description });
  }
  create({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'extension-apiserver-authentication', namespace: 'kube-system' },
    data: { 'client-ca-file': options.ca },
  });
  createKubernetesService(create, options);
}

function withIdentity(object: KubernetesObject, core: Core): KubernetesObject {
  const metadata = { ...object.metadata, uid: randomUUID(), creationTimestamp: timestamp(core.now()) };
  return { ...object, metadata };
}

/** Service default/kubernetes, where pods find the API server. */
function createKubernetesService(create: (object: KubernetesObject) => unknown, options: BootstrapOptions): void {
  const labels = { component: 'apiserver', provider: 'kubernetes' };
  const { advertise } = options;
  create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kubernetes', namespace: 'default', labels },
    spec: {
      clusterIP: options.kubernetesAddress,
      ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: advertise?.port ?? 6443 }],
    },
  });
  if (!advertise) return;
  const slice = { 'kubernetes.io/service-name': 'kubernetes' };
  create({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'kubernetes', namespace: 'default', labels: slice },
    addressType: 'IPv4',
    endpoints: [{ addresses: [advertise.address], conditions: { ready: true, serving: true, terminating: false } }],
    ports: [{ name: 'https', port: advertise.port, protocol: 'TCP' }],
  });
  create({
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: 'kubernetes', namespace: 'default' },
    subsets: [
      { addresses: [{ ip: advertise.address }], ports: [{ name: 'https', port: advertise.port, protocol: 'TCP' }] },
    ],
  });
}
