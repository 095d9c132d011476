import type { ConnectRequest } from '../../agent/requests.ts';
import { at as dig, number, records, text } from '../../model/json.ts';
import { podIPs } from '../../model/pods.ts';
import type { Cluster } from '../ports.ts';
import { listAll } from '../objects.ts';

const CONTROL_TIMEOUT_MS = 1_000;

/**
 * Targets that nearly every pod may reach: the cluster's DNS (pods and Service, TCP) and the API server. A timeout
 * says "blocked" only beside a control that connected from the same container at the same time; which of these a
 * source may reach is found by trying. DNS as a Service mostly has addresses of the first family only: for
 * `eachFamily` its pods are read and asked at all their addresses.
 */
export async function controlsFor(
  cluster: Cluster,
  families: 'firstFamily' | 'eachFamily' = 'firstFamily',
): Promise<readonly ConnectRequest[]> {
  const [slices, api] = await Promise.all([
    listAll(cluster, 'discovery.k8s.io/v1', 'EndpointSlice', {
      namespace: 'kube-system',
      labelSelector: 'kubernetes.io/service-name=kube-dns',
    }),
    cluster.get({ apiVersion: 'v1', kind: 'Service', namespace: 'default', name: 'kubernetes' }),
  ]);
  const connect = (host: string, port: number): ConnectRequest => ({
    kind: 'connect',
    host,
    port,
    timeoutMs: CONTROL_TIMEOUT_MS,
  });
  const endpoints =
    slices.kind === 'ok'
      ? slices.value.flatMap((slice): readonly DnsEndpoint[] => {
          const tcp = records(slice['ports']).find(
            ([, port]) => port['protocol'] === 'TCP' && port['name'] !== 'metrics',
          );
          const port = number(tcp?.[1]['port']);
          return port === undefined
            ? []
            : records(slice['endpoints']).flatMap(([, endpoint]) => {
                const address = text(dig(endpoint, 'addresses', 0));
                return address === undefined ? [] : [{ address, port, pod: text(dig(endpoint, 'targetRef', 'name')) }];
              });
        })
      : [];
  const first = endpoints.slice(0, 2);
  const second = families === 'eachFamily' ? await inOtherFamily(first, cluster) : [];
  const host = api.kind === 'ok' ? text(dig(api.value, 'spec', 'clusterIP')) : undefined;
  const port = api.kind === 'ok' ? number(dig(api.value, 'spec', 'ports', 0, 'port')) : undefined;
  const dns = [...first, ...second].map((endpoint) => connect(endpoint.address, endpoint.port));
  return [...dns, ...(host === undefined || port === undefined ? [] : [connect(host, port)])];
}

interface DnsEndpoint {
  readonly address: string;
  readonly port: number;
  /** In kube-system. */
  readonly pod: string | undefined;
}

/** The same pods at the addresses that the Service does not lead to. */
async function inOtherFamily(endpoints: readonly DnsEndpoint[], cluster: Cluster): Promise<readonly DnsEndpoint[]> {
  const known = new Set(endpoints.map(({ address }) => address));
  const found = await Promise.all(
    endpoints.map(async (endpoint) => {
      if (endpoint.pod === undefined) return [];
      const pod = await cluster.get({ apiVersion: 'v1', kind: 'Pod', namespace: 'kube-system', name: endpoint.pod });
      return pod.kind === 'ok' ? podIPs(pod.value).map((address) => ({ ...endpoint, address })) : [];
    }),
  );
  return found.flat().filter(({ address }) => !known.has(address));
}
