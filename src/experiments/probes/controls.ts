import type { ConnectRequest } from '../../agent/requests.ts';
import { at as dig, list, number, records, text } from '../../model/json.ts';
import type { Cluster } from '../ports.ts';
import { listAll } from '../objects.ts';

const CONTROL_TIMEOUT_MS = 1_000;

/**
 * Targets that nearly every pod may reach: the cluster's DNS (pods and Service, TCP) and the API server. A timeout
 * says "blocked" only beside a control that connected from the same container at the same time; which of these a
 * source may reach is found by trying.
 */
export async function controlsFor(cluster: Cluster): Promise<readonly ConnectRequest[]> {
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
  const dns =
    slices.kind === 'ok'
      ? slices.value.flatMap((slice) => {
          const tcp = records(slice['ports']).find(
            ([, port]) => port['protocol'] === 'TCP' && port['name'] !== 'metrics',
          );
          const port = number(tcp?.[1]['port']);
          const addresses = records(slice['endpoints']).flatMap(([, endpoint]) =>
            list(endpoint['addresses']).slice(0, 1),
          );
          return port === undefined
            ? []
            : addresses.flatMap((address) => (typeof address === 'string' ? [connect(address, port)] : []));
        })
      : [];
  const host = api.kind === 'ok' ? text(dig(api.value, 'spec', 'clusterIP')) : undefined;
  const port = api.kind === 'ok' ? number(dig(api.value, 'spec', 'ports', 0, 'port')) : undefined;
  return [...dns.slice(0, 2), ...(host === undefined || port === undefined ? [] : [connect(host, port)])];
}
