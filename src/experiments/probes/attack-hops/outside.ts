import { connect } from 'node:net';
import { at, records, text } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { listAll } from '../../objects.ts';
import type { Cluster } from '../../ports.ts';

const TIMEOUT_MS = 5_000;

/** Addresses at which outsiders come to a Service: its load balancer's, then its port on a node. */
export async function doorsOf(
  service: KubernetesObject,
  cluster: Cluster,
): Promise<readonly (readonly [host: string, port: number])[]> {
  const ports = records(at(service, 'spec', 'ports'));
  const balanced = records(at(service, 'status', 'loadBalancer', 'ingress')).flatMap(
    ([, one]) => text(one['ip']) ?? text(one['hostname']) ?? [],
  );
  const nodes = await listAll(cluster, 'v1', 'Node');
  const [first] = nodes.kind === 'ok' ? nodes.value : [];
  const node = text(at(first, 'status', 'addresses', 0, 'address'));
  return ports.flatMap(([, { port, nodePort }]) => [
    ...balanced.flatMap((host) => (typeof port === 'number' ? [[host, port] as const] : [])),
    ...(node !== undefined && typeof nodePort === 'number' ? [[node, nodePort] as const] : []),
  ]);
}

/** Whether a TCP connection from where this program runs is answered within five seconds. */
export function opens(host: string, port: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ host, port, timeout: TIMEOUT_MS, signal });
    const settle = (open: boolean): void => {
      socket.destroy();
      done(open);
    };
    socket.once('connect', () => settle(true));
    socket.once('timeout', () => settle(false));
    socket.once('error', () => settle(false));
  });
}
