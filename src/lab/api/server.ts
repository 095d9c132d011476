import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import type { ListenOptions } from 'node:net';
import { randomBytes } from 'node:crypto';
import { addressIn, type PerFamily } from '../network/ip.ts';
import type { PodRuntime } from '../ports.ts';
import type { StaticToken } from './authn/authenticate.ts';
import { createCertificates } from './authn/certificates.ts';
import { createServiceAccountTokens } from './authn/service-account-tokens.ts';
import { createAuthorizer } from './authz/authorizer.ts';
import { bootstrap } from './bootstrap.ts';
import type { Core, ServiceAddressPlan } from './core.ts';
import { createAudit, type AuditSinks } from './http/audit.ts';
import { createMetrics } from './http/metrics.ts';
import { serve, serveUpgrade, type Pipeline } from './http/pipeline.ts';
import { createLocalClient, type LocalClient } from './local-client.ts';
import { createRegistry } from './registry.ts';
import { createStore, type Store } from './storage/store.ts';

export interface ApiServerOptions {
  readonly runtime: PodRuntime;
  /** The clock; the machine's when absent. */
  readonly now?: () => Date;
  /** Tokens that stand for users; the administrator's own is made here. */
  readonly tokens?: readonly StaticToken[];
  /** Names and addresses the serving certificate is for, besides those inside the cluster. */
  readonly names?: readonly string[];
  /** Blocks Services get their addresses from: one of each family, the default family first. IPv4 only when absent. */
  readonly serviceCidrs?: PerFamily;
  /** Where pods find the API server: endpoint of Service default/kubernetes. No endpoint when absent. */
  readonly advertise?: { readonly address: string; readonly port: number };
  readonly audit?: AuditSinks;
  /** Changes remembered per resource for watches and paged lists; 2,000 when absent. */
  readonly historyLimit?: number;
}

export interface ApiServer {
  readonly store: Store;
  readonly core: Core;
  /** PEM of this lab's certificate authority. */
  readonly ca: string;
  /** Token of a member of system:masters. */
  readonly adminToken: string;
  /** A new token that stands for a user until the server closes, as a node's. */
  issueToken(user: string, groups: readonly string[]): string;
  /** The API without a socket, for controllers in the same process. Asks with the given user's rights. */
  client(user: string, groups?: readonly string[]): LocalClient;
  /** HTTPS on a TCP address, or plain HTTP on a unix socket or a handle somebody else listens on. */
  listen(at: ListenAt): Promise<{ readonly port?: number }>;
  close(): Promise<void>;
}

export type ListenAt =
  | { readonly kind: 'https'; readonly host: string; readonly port: number }
  | { readonly kind: 'socket'; readonly path: string }
  /** A socket that another process has bound; TLS unless `plain`. */
  | { readonly kind: 'handle'; readonly fd: number; readonly plain?: boolean };

const DEFAULT_CIDRS: PerFamily = ['10.96.0.0/16'];
const NODE_PORTS = [30_000, 32_767] as const;
const IN_CLUSTER = [
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
];

/** The lab's API server: starts with what every cluster starts with, and listens when told to. */
export function createApiServer(options: ApiServerOptions): ApiServer {
  const now = options.now ?? ((): Date => new Date());
  const services: ServiceAddressPlan = { cidrs: options.serviceCidrs ?? DEFAULT_CIDRS, nodePorts: NODE_PORTS };
  const store = createStore(options.historyLimit === undefined ? {} : { historyLimit: options.historyLimit });
  const authorizer = createAuthorizer(store);
  const core: Core = { store, registry: createRegistry(), runtime: options.runtime, now, authorizer, services };
  const kubernetesAddress = addressIn(services.cidrs[0], 1);
  const advertised = options.advertise ? [options.advertise.address] : [];
  const names = ['localhost', '127.0.0.1', kubernetesAddress, ...IN_CLUSTER, ...advertised, ...(options.names ?? [])];
  const { ca, serving } = createCertificates([...new Set(names)], now());
  const accounts = createServiceAccountTokens(store, now);
  const adminToken = randomBytes(24).toString('base64url');
  const tokens: StaticToken[] = [
    { token: adminToken, user: 'kubernetes-admin', groups: ['system:masters'] },
    ...(options.tokens ?? []),
  ];
  const metrics = createMetrics(store);
  const audit = createAudit(options.audit ?? {}, now, metrics.auditLost);
  const closing = new AbortController();
  const pipeline: Pipeline = { core, accounts, tokens, audit, metrics, closing: closing.signal };
  const servers = new Set<Server>();
  const sockets = new Set<Duplex>();

  bootstrap(core, { ca, kubernetesAddress, ...(options.advertise ? { advertise: options.advertise } : {}) });

  function serverFor(tls: boolean): Server {
    const onRequest: RequestListener = (request, response) => void serve(pipeline, request, response);
    const server = tls
      ? createHttpsServer({ cert: serving.certificate, key: serving.key, ALPNProtocols: ['http/1.1'] }, onRequest)
      : createHttpServer(onRequest);
    // Watches are silent for as long as nothing happens.
    server.requestTimeout = 0;
    server.keepAliveTimeout = 60_000;
    server.on('upgrade', (request, socket, head) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      void serveUpgrade(pipeline, request, socket, head);
    });
    servers.add(server);
    return server;
  }

  return {
    store,
    core,
    ca,
    adminToken,
    issueToken(user, groups) {
      const token = randomBytes(24).toString('base64url');
      tokens.push({ token, user, groups });
      return token;
    },
    client: (user, groups = []) =>
      createLocalClient(core, { user, groups: [...groups, 'system:authenticated'], extra: {} }),
    async listen(at) {
      const server = serverFor(at.kind === 'https' || (at.kind === 'handle' && at.plain !== true));
      const where: ListenOptions | { readonly fd: number } =
        at.kind === 'https'
          ? { host: at.host, port: at.port }
          : at.kind === 'socket'
            ? { path: at.path }
            : { fd: at.fd };
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(where, resolve);
      });
      const address = server.address();
      return typeof address === 'object' && address ? { port: address.port } : {};
    },
    async close() {
      closing.abort();
      audit.close();
      for (const socket of sockets) socket.destroy();
      await Promise.all(
        [...servers].map(
          (server) =>
            new Promise<void>((resolve) => {
              server.close(() => resolve());
              server.closeAllConnections();
            }),
        ),
      );
    },
  };
}
