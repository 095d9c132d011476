import { at, list, record, records, text, type JsonRecord } from '../../model/json.ts';
import { containersOf, podTemplateOf, WORKLOAD_KINDS } from '../../model/pods.ts';
import { isFromFiles, type Snapshot } from '../../model/snapshot.ts';

/** Kinds of objects that become readable to a node by being linked to a pod that is bound to it. */
export type LinkedKind =
  | 'secret'
  | 'configmap'
  | 'pvc'
  | 'pv'
  | 'serviceaccount'
  | 'resourceclaim'
  | 'pod'
  | 'attachment'
  | 'slice';

/** Which objects are linked to which nodes, as the Node authorizer's graph has them. */
export interface NodeLinks {
  /** Whether a pod bound to this node (or an attachment, or a slice of it) links it to the object. */
  has(node: string, kind: LinkedKind, namespace: string, name: string): boolean;
  /** Whether a pod of manifests that say nothing about nodes would link the node it lands on to the object. */
  mayHave(kind: LinkedKind, namespace: string, name: string): boolean;
}

const MIRROR_POD = 'kubernetes.io/config.mirror';

/** Reads pods, volumes, attachments and slices. Source: kubernetes plugin/pkg/auth/authorizer/node/graph.go. */
export function nodeLinks(snapshot: Snapshot): NodeLinks {
  const nodesOf = new Map<string, Set<string>>();
  const unbound = new Set<string>();
  const placed = snapshot.list('Pod').some(({ object }) => text(at(object, 'spec', 'nodeName')));
  const open = isFromFiles(snapshot) && !placed;
  const volumesOf = new Map<string, string[]>();
  for (const { object } of snapshot.list('PersistentVolume')) {
    const claim = record(at(object, 'spec', 'claimRef'));
    const namespace = text(claim['namespace']) ?? '';
    const links = [id('pv', '', object.metadata.name), ...volumeSecrets(record(object['spec']), namespace)];
    const key = id('pvc', namespace, text(claim['name']) ?? '');
    volumesOf.set(key, [...(volumesOf.get(key) ?? []), ...links]);
  }
  for (const kind of WORKLOAD_KINDS) {
    for (const { object } of snapshot.list(kind)) {
      const template = podTemplateOf(object);
      if (!template) continue;
      const namespace = object.metadata.namespace ?? '';
      const node = kind === 'Pod' ? text(template.spec['nodeName']) : undefined;
      const self = kind === 'Pod' ? [id('pod', namespace, object.metadata.name)] : [];
      const mirror = Object.hasOwn(template.annotations, MIRROR_POD);
      for (const link of mirror ? self : [...self, ...podLinks(object.metadata.name, namespace, template.spec)]) {
        for (const one of [link, ...(volumesOf.get(link) ?? [])]) {
          if (node) bind(one, node);
          else if (open) unbound.add(one);
        }
      }
    }
  }
  for (const { object } of snapshot.list('VolumeAttachment.storage.k8s.io')) {
    bind(id('attachment', '', object.metadata.name), text(at(object, 'spec', 'nodeName')) ?? '');
  }
  for (const { object } of snapshot.list('ResourceSlice.resource.k8s.io')) {
    bind(id('slice', '', object.metadata.name), text(at(object, 'spec', 'nodeName')) ?? '');
  }
  return {
    has: (node, kind, namespace, name) => nodesOf.get(id(kind, namespace, name))?.has(node) ?? false,
    mayHave: (kind, namespace, name) => unbound.has(id(kind, namespace, name)),
  };

  function bind(link: string, node: string): void {
    const nodes = nodesOf.get(link);
    if (nodes) nodes.add(node);
    else nodesOf.set(link, new Set([node]));
  }
}

function podLinks(pod: string, namespace: string, spec: JsonRecord): readonly string[] {
  const secret = (name: unknown): string[] => named('secret', namespace, name);
  const configMap = (name: unknown): string[] => named('configmap', namespace, name);
  const account = text(spec['serviceAccountName']) || text(spec['serviceAccount']) || 'default';
  return [
    id('serviceaccount', namespace, account),
    ...list(spec['imagePullSecrets']).flatMap((reference) => secret(at(reference, 'name'))),
    ...containersOf(spec).flatMap(({ container }) => [
      ...list(container['envFrom']).flatMap((source) => [
        ...secret(at(source, 'secretRef', 'name')),
        ...configMap(at(source, 'configMapRef', 'name')),
      ]),
      ...list(container['env']).flatMap((variable) => [
        ...secret(at(variable, 'valueFrom', 'secretKeyRef', 'name')),
        ...configMap(at(variable, 'valueFrom', 'configMapKeyRef', 'name')),
      ]),
    ]),
    ...records(spec['volumes']).flatMap(([, volume]) => [
      ...secret(at(volume, 'secret', 'secretName')),
      ...configMap(at(volume, 'configMap', 'name')),
      ...list(at(volume, 'projected', 'sources')).flatMap((source) => [
        ...secret(at(source, 'secret', 'name')),
        ...configMap(at(source, 'configMap', 'name')),
      ]),
      ...secret(at(volume, 'azureFile', 'secretName')),
      ...secret(at(volume, 'csi', 'nodePublishSecretRef', 'name')),
      ...SECRET_REFS.flatMap((kind) => secret(at(volume, kind, 'secretRef', 'name'))),
      ...named('pvc', namespace, at(volume, 'persistentVolumeClaim', 'claimName')),
      ...(volume['ephemeral'] ? named('pvc', namespace, `${pod}-${text(volume['name']) ?? ''}`) : []),
    ]),
    ...list(spec['resourceClaims']).flatMap((claim) =>
      named('resourceclaim', namespace, at(claim, 'resourceClaimName')),
    ),
  ];
}

/** Volume kinds whose `secretRef` a kubelet reads. */
const SECRET_REFS = ['cephfs', 'cinder', 'flexVolume', 'rbd', 'scaleIO', 'iscsi', 'storageos'] as const;

function volumeSecrets(spec: JsonRecord, claimNamespace: string): readonly string[] {
  const azure = record(spec['azureFile']);
  const csi = record(spec['csi']);
  const references = [
    ...SECRET_REFS.map((kind) => at(spec, kind, 'secretRef')),
    ...['nodePublishSecretRef', 'nodeStageSecretRef', 'nodeExpandSecretRef'].map((field) => csi[field]),
  ];
  return [
    ...named('secret', text(azure['secretNamespace']) || claimNamespace, azure['secretName']),
    ...references.flatMap((reference) =>
      named('secret', text(at(reference, 'namespace')) || claimNamespace, at(reference, 'name')),
    ),
  ];
}

function named(kind: LinkedKind, namespace: string, name: unknown): string[] {
  return typeof name === 'string' && name !== '' ? [id(kind, namespace, name)] : [];
}

function id(kind: LinkedKind, namespace: string, name: string): string {
  return `${kind}/${namespace}/${name}`;
}
