import { at, records, stringMap, strings, text, type JsonRecord } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { isReady, podIPs } from '../../model/pods.ts';
import { sameJson } from '../api/objects.ts';
import { ofFamily, type IpFamily } from '../network/ip.ts';
import type { LocalClient } from '../api/local-client.ts';
import { each, KIND, type Controller } from './controller.ts';
import { ownerReference } from './pods.ts';

/** One EndpointSlice of each of its families (and one Endpoints, of the first) for every Service with a selector. */
export const endpoints: Controller = {
  name: 'endpointslice-controller',
  watches: [KIND.service, KIND.pod],
  reconcile(turn) {
    const { client } = turn;
    each(client.list(KIND.service), turn, (service) => {
      const selector = Object.entries(stringMap(at(service, 'spec', 'selector')));
      if (selector.length === 0 || service.metadata.deletionTimestamp !== undefined) return;
      const pods = client.list(KIND.pod, service.metadata.namespace).filter((pod) => {
        const labels = stringMap(pod.metadata.labels);
        const phase = at(pod, 'status', 'phase');
        return (
          selector.every(([key, value]) => labels[key] === value) &&
          phase !== 'Succeeded' &&
          phase !== 'Failed' &&
          podIPs(pod).length > 0
        );
      });
      const families = familiesOf(service);
      for (const family of FAMILIES) {
        if (families.includes(family)) put(client, sliceOf(service, family, pods));
        else remove(client, service, family);
      }
      put(client, endpointsOf(service, pods));
    });
  },
};

const FAMILIES: readonly IpFamily[] = ['IPv4', 'IPv6'];

/** In the order of the Service: the first is that of its clusterIP. */
function familiesOf(service: KubernetesObject): readonly IpFamily[] {
  const written = strings(at(service, 'spec', 'ipFamilies'));
  return written.length === 0 ? ['IPv4'] : written.flatMap((name) => FAMILIES.filter((family) => family === name));
}

function sliceName(service: KubernetesObject, family: IpFamily): string {
  return `${service.metadata.name}-lab${family === 'IPv6' ? '-ipv6' : ''}`;
}

/** The slice of a family that the Service no longer has. */
function remove(client: LocalClient, service: KubernetesObject, family: IpFamily): void {
  const { namespace } = service.metadata;
  const name = sliceName(service, family);
  if (client.get(KIND.endpointSlice, namespace, name)) client.delete(KIND.endpointSlice, namespace, name);
}

function sliceOf(service: KubernetesObject, family: IpFamily, all: readonly KubernetesObject[]): KubernetesObject {
  const { name, namespace = '' } = service.metadata;
  const always = at(service, 'spec', 'publishNotReadyAddresses') === true;
  const pods = all.filter((pod) => ofFamily(podIPs(pod), family) !== undefined);
  return {
    ...KIND.endpointSlice,
    metadata: {
      name: sliceName(service, family),
      namespace,
      labels: {
        'kubernetes.io/service-name': name,
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
      },
      ownerReferences: [ownerReference(service)],
    },
    addressType: family,
    endpoints: pods.map((pod) => {
      const terminating = pod.metadata.deletionTimestamp !== undefined;
      const serving = isReady(pod);
      return {
        addresses: [ofFamily(podIPs(pod), family)],
        conditions: { ready: always || (serving && !terminating), serving: always || serving, terminating },
        targetRef: targetOf(pod),
        nodeName: at(pod, 'spec', 'nodeName'),
        ...(at(pod, 'spec', 'subdomain') === name ? { hostname: at(pod, 'spec', 'hostname') } : {}),
      };
    }),
    ports: portsOf(service, pods),
  };
}

function endpointsOf(service: KubernetesObject, pods: readonly KubernetesObject[]): KubernetesObject {
  const { name, namespace = '' } = service.metadata;
  const always = at(service, 'spec', 'publishNotReadyAddresses') === true;
  const address = (pod: KubernetesObject): JsonRecord => ({
    ip: ofFamily(podIPs(pod), familiesOf(service)[0] ?? 'IPv4'),
    nodeName: at(pod, 'spec', 'nodeName'),
    targetRef: targetOf(pod),
  });
  const live = pods.filter((pod) => pod.metadata.deletionTimestamp === undefined);
  const ready = live.filter((pod) => always || isReady(pod)).map(address);
  const notReady = live.filter((pod) => !always && !isReady(pod)).map(address);
  const subset = {
    ...(ready.length > 0 ? { addresses: ready } : {}),
    ...(notReady.length > 0 ? { notReadyAddresses: notReady } : {}),
    ports: portsOf(service, pods),
  };
  return {
    ...KIND.endpoints,
    metadata: {
      name,
      namespace,
      labels: { ...stringMap(service.metadata.labels), 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' },
    },
    ...(live.length > 0 ? { subsets: [subset] } : {}),
  };
}

function targetOf(pod: KubernetesObject): JsonRecord {
  const { name, namespace, uid } = pod.metadata;
  return { kind: 'Pod', namespace, name, uid };
}

/** Named target ports are looked up in the pods; the first pod that has the name decides. */
function portsOf(service: KubernetesObject, pods: readonly KubernetesObject[]): readonly JsonRecord[] {
  return records(at(service, 'spec', 'ports')).flatMap(([, port]) => {
    const target = port['targetPort'];
    const number =
      typeof target === 'string' ? pods.flatMap((pod) => namedPort(pod, target, port['protocol']))[0] : target;
    if (number === undefined) return [];
    return [{ ...(text(port['name']) ? { name: port['name'] } : {}), port: number, protocol: port['protocol'] }];
  });
}

function namedPort(pod: KubernetesObject, name: string, protocol: unknown): readonly unknown[] {
  return records(at(pod, 'spec', 'containers')).flatMap(([, container]) =>
    records(container['ports']).flatMap(([, port]) =>
      port['name'] === name && port['protocol'] === protocol ? [port['containerPort']] : [],
    ),
  );
}

function put(client: LocalClient, wanted: KubernetesObject): void {
  const { namespace, name } = wanted.metadata;
  const found = client.get(wanted, namespace, name);
  if (!found) {
    client.create(wanted);
    return;
  }
  const { metadata: _, ...content } = wanted;
  const { metadata: __, ...present } = found;
  if (!sameJson(content, present)) client.update({ ...wanted, metadata: { ...found.metadata, ...wanted.metadata } });
}
