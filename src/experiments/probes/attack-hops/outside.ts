import { connect } from 'node:net';
import type { Sighting } from '../../../analysis/attack/index.ts';
import { at, records, text } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { listAll } from '../../objects.ts';
import type { Cluster } from '../../ports.ts';
import type { CheckOf, LiveScene } from './live-scene.ts';

const TIMEOUT_MS = 5_000;

/** Whether a Service can be reached from where this program runs, which is outside the cluster. */
export async function lookFromOutside(
  { service: { namespace, name } }: CheckOf<'outside'>,
  { context, now, unknown }: LiveScene,
): Promise<Sighting> {
  const { cluster } = context;
  const found = await cluster.get({ apiVersion: 'v1', kind: 'Service', namespace, name });
  if (found.kind === 'missing')
    return { check: 'outside', verdict: 'refuted', says: `Service ${namespace}/${name} is gone`, at: now() };
  if (found.kind !== 'ok') return unknown('outside', `Service ${namespace}/${name} can't be read`);
  const doors = await doorsOf(found.value, cluster);
  for (const [host, port] of doors) {
    if (await opens(host, port, context.signal))
      return { check: 'outside', verdict: 'proven', says: `${host}:${port} answers from here`, at: now() };
  }
  const tried = doors.map(([host, port]) => `${host}:${port}`).join(', ');
  return unknown(
    'outside',
    doors.length === 0
      ? `Service ${namespace}/${name} has no address for outsiders yet`
      : `${tried} does not answer from here; others may be let in`,
  );
}

/** Addresses at which outsiders come to a Service: its load balancer's, then its port on a node. */
async function doorsOf(
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
function opens(host: string, port: number, signal: AbortSignal): Promise<boolean> {
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
