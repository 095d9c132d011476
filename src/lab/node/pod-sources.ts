import { at, text } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { corePath, type NodeContext } from './context.ts';
import { dataAsText, dataOfObject, referencesOf, type VolumeSources } from './volumes.ts';
import { record, isRecord } from '../../model/json.ts';

/** Reads the ConfigMaps and Secrets a pod refers to, as they are now, and offers what volumes and environment are made of. */
export async function volumeSources(
  pod: KubernetesObject,
  podIPs: readonly string[],
  node: NodeContext,
): Promise<VolumeSources> {
  const namespace = pod.metadata.namespace ?? 'default';
  const spec = record(pod['spec']);
  const data = new Map<string, Readonly<Record<string, Buffer>>>();
  await Promise.all(
    referencesOf(spec).map(async ({ kind, name }) => {
      const path = corePath(kind === 'Secret' ? 'secrets' : 'configmaps', namespace, name);
      const { status, body } = await node.client.get(path);
      if (status === 200 && isRecord(body)) data.set(`${kind}/${name}`, dataOfObject({ ...body, kind }));
    }),
  );
  const filesOf: VolumeSources['filesOf'] = (kind, name) => data.get(`${kind}/${name}`);
  return {
    pod,
    podIPs,
    hostIPs: node.plan.addresses,
    nodeName: node.plan.name,
    hostRoot: node.hostRoot,
    services: node.services(namespace),
    filesOf,
    dataOf: (kind, name) => {
      const files = filesOf(kind, name);
      return files && dataAsText(files);
    },
    claimDirectory: (claim) => `${node.directory}/claims/${namespace}/${claim}`,
    token: (audience, expirationSeconds) => requestToken(node, pod, audience, expirationSeconds),
  };
}

/** Asks the API server for a token bound to this pod (TokenRequest). */
async function requestToken(
  node: NodeContext,
  pod: KubernetesObject,
  audience: string,
  expirationSeconds: number,
): Promise<string> {
  const namespace = pod.metadata.namespace ?? 'default';
  const account = text(at(pod, 'spec', 'serviceAccountName')) ?? 'default';
  const { status, body } = await node.client.send(
    'POST',
    `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`,
    {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {
        ...(audience === '' ? {} : { audiences: [audience] }),
        expirationSeconds,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name, uid: pod.metadata.uid },
      },
    },
  );
  const token = text(at(body, 'status', 'token'));
  if (token === undefined) {
    throw new Error(
      `no token for service account ${namespace}/${account}: HTTP ${status} ${text(at(body, 'message')) ?? ''}`,
    );
  }
  return token;
}
