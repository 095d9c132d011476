import { createConnection, createServer } from 'node:net';
import { createApiServer } from '../api/server.ts';
import { startControllers } from '../controllers/index.ts';
import { createApiClient, type ApiClient } from '../client/api-client.ts';
import { API_PORT } from '../network/addresses.ts';
import type { PerFamily } from '../network/ip.ts';
import { messageOf } from '../../model/errors.ts';
import type { KubernetesObject } from '../../model/object.ts';
import type { PodRuntime } from '../ports.ts';

export interface ControlPlaneOptions {
  /** Unix socket for the node agents, in a directory that only the lab sees: plain HTTP. */
  readonly socket: string;
  /** Unix socket for the host process, which knows nothing but bytes: it leads to the TLS port. */
  readonly publicSocket: string;
  readonly publicAddress: { readonly host: string; readonly port: number };
  readonly runtime: PodRuntime;
  readonly serviceCidrs: PerFamily;
  /** The supervisor's own, on the bridge. Pods are led to the first: the kubernetes Service is single-stack, as upstream. */
  readonly addresses: PerFamily;
}

export interface ControlPlane {
  readonly ca: string;
  readonly adminToken: string;
  /** Asks as the administrator. */
  readonly client: ApiClient;
  /** A token of a node's own identity, `system:node:NAME`. */
  nodeToken(node: string): string;
  /** Creates what is not there yet. */
  ensure(objects: readonly KubernetesObject[]): void;
}

/** API server and controllers, in this process. Pods find it at the `kubernetes` Service, the host through the socket. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const server = createApiServer({
    runtime: options.runtime,
    serviceCidrs: options.serviceCidrs,
    names: [options.publicAddress.host, ...options.addresses],
    advertise: { address: options.addresses[0], port: API_PORT },
  });
  for (const host of options.addresses) await server.listen({ kind: 'https', host, port: API_PORT });
  await server.listen({ kind: 'socket', path: options.socket });
  forward(options.publicSocket, options.addresses[0]);
  startControllers(server);
  const local = server.client('kubernetes-admin', ['system:masters']);
  return {
    ca: server.ca,
    adminToken: server.adminToken,
    client: createApiClient({ kind: 'socket', path: options.socket, token: server.adminToken }),
    nodeToken: (node) => server.issueToken(`system:node:${node}`, ['system:nodes']),
    ensure: (objects) => {
      for (const object of objects) {
        if (local.get(object, object.metadata.namespace, object.metadata.name)) continue;
        try {
          local.create(object);
        } catch (thrown) {
          throw new Error(`${object.kind} ${object.metadata.name}: ${messageOf(thrown)}`, { cause: thrown });
        }
      }
    },
  };
}

function forward(path: string, address: string): void {
  createServer((client) => {
    const api = createConnection(API_PORT, address);
    client.on('error', () => api.destroy());
    api.on('error', () => client.destroy());
    client.pipe(api).pipe(client);
  }).listen(path);
}
