import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { KubernetesObject } from '../../model/object.ts';

/** A request as the server saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Takes a request out of the server's hands; returns true when it has answered (or broken) it. */
export type Interception = (request: SeenRequest, response: ServerResponse) => boolean;

export interface SmallApiServer {
  readonly url: string;
  readonly seen: readonly SeenRequest[];
  /** The next requests pass through this first. */
  intercept: Interception;
  /** Adds, replaces or deletes an object, and tells the watches. */
  set(object: KubernetesObject): void;
  delete(kind: string, name: string): void;
  /** Sends a bookmark to every watch. */
  bookmark(): void;
  /** Cuts every watch off, as a dying server does. */
  dropWatches(): void;
  /** Forgets changes: watches from before now get 410. */
  compact(): void;
  watches(): number;
  close(): Promise<void>;
}

const KINDS: Readonly<Record<string, { readonly group: string; readonly kind: string; readonly namespaced: boolean }>> =
  {
    pods: { group: '', kind: 'Pod', namespaced: true },
    namespaces: { group: '', kind: 'Namespace', namespaced: false },
    secrets: { group: '', kind: 'Secret', namespaced: true },
    networkpolicies: { group: 'networking.k8s.io', kind: 'NetworkPolicy', namespaced: true },
  };

interface Watch {
  readonly resource: string;
  readonly response: ServerResponse;
}

/** An API server over a real socket with what a client must cope with: pages, versions, watches, expiry. */
export async function startSmallApiServer(): Promise<SmallApiServer> {
  let version = 100;
  let compacted = 0;
  const objects = new Map<string, Map<string, KubernetesObject>>(
    Object.keys(KINDS).map((resource) => [resource, new Map()]),
  );
  const history: { readonly version: number; readonly resource: string; readonly line: string }[] = [];
  const watches = new Set<Watch>();
  const seen: SeenRequest[] = [];

  const record = (resource: string, type: string, object: KubernetesObject): void => {
    const line = `${JSON.stringify({ type, object })}\n`;
    history.push({ version, resource, line });
    for (const watch of watches) if (watch.resource === resource) watch.response.write(line);
  };
  const resourceOf = (kind: string): string =>
    Object.keys(KINDS).find((resource) => KINDS[resource]?.kind === kind) ?? '';

  const answer = (request: SeenRequest, response: ServerResponse): void => {
    const { path, query } = request;
    if (path === '/version') return json(response, 200, { gitVersion: 'v1.36.3' });
    if (path === '/api' || path === '/apis') return json(response, 200, discovery(path));
    const found = /^\/apis?\/(?:[^/]+\/)?v1\/(?:namespaces\/([^/]+)\/)?([a-z]+)$/.exec(path);
    const all = objects.get(found?.[2] ?? '');
    if (!found || !all) return status(response, 404, 'NotFound', 'the server could not find the requested resource');
    const [, namespace, resource = ''] = found;
    if (query.get('watch') !== null) return openWatch(resource, query, response);
    const matching = [...all.values()].filter(
      (object) => namespace === undefined || object.metadata.namespace === namespace,
    );
    listPage(response, matching, query, resource);
  };

  const listPage = (
    response: ServerResponse,
    all: readonly KubernetesObject[],
    query: URLSearchParams,
    resource: string,
  ): void => {
    const [from = 0, taken = version] = (query.get('continue') ?? '')
      .split('@')
      .map(Number)
      .filter((n) => !Number.isNaN(n));
    const token = query.get('continue');
    if (token && taken < compacted) {
      return json(response, 410, {
        kind: 'Status',
        code: 410,
        reason: 'Expired',
        metadata: { continue: `${from}@${version}` },
      });
    }
    const start = token ? from : 0;
    const end = start + Number(query.get('limit') ?? all.length);
    const items = all.slice(start, end).map(({ metadata, spec }) => ({ metadata, spec }));
    const next = end < all.length ? { continue: `${end}@${token ? taken : version}` } : {};
    json(response, 200, {
      kind: `${KINDS[resource]?.kind}List`,
      apiVersion: 'v1',
      metadata: { resourceVersion: String(version), ...next },
      items,
    });
  };

  const openWatch = (resource: string, query: URLSearchParams, response: ServerResponse): void => {
    const from = Number(query.get('resourceVersion'));
    if (from < compacted)
      return json(response, 410, { kind: 'Status', code: 410, message: 'too old resource version' });
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    for (const change of history)
      if (change.resource === resource && change.version > from) response.write(change.line);
    const watch = { resource, response };
    watches.add(watch);
    response.on('close', () => watches.delete(watch));
  };

  const discovery = (path: string): unknown => {
    const groups = [...new Set(Object.values(KINDS).map(({ group }) => group))].filter(
      (group) => (path === '/api') === (group === ''),
    );
    const items = groups.map((group) => ({
      metadata: { name: group },
      versions: [
        {
          version: 'v1',
          resources: Object.entries(KINDS)
            .filter(([, kind]) => kind.group === group)
            .map(([resource, { kind, namespaced }]) => ({
              resource,
              responseKind: { group: '', version: '', kind },
              scope: namespaced ? 'Namespaced' : 'Cluster',
              verbs: ['list', 'watch', 'get'],
            })),
        },
      ],
    }));
    return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', items };
  };

  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(incoming.url ?? '/', 'http://server');
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const { method = 'GET', headers } = incoming;
    const request = {
      method,
      path: url.pathname,
      query: url.searchParams,
      headers,
      body: Buffer.concat(chunks).toString(),
    };
    seen.push(request);
    if (!server.intercept(request, response)) answer(request, response);
  };

  const http: Server = createServer((incoming, response) => {
    handle(incoming, response).catch(() => response.destroy());
  });
  await new Promise<void>((listening) => http.listen(0, '127.0.0.1', listening));
  const server: SmallApiServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    seen,
    intercept: () => false,
    set(object) {
      const resource = resourceOf(object.kind);
      const id = `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
      const type = objects.get(resource)?.has(id) === true ? 'MODIFIED' : 'ADDED';
      const written = { ...object, metadata: { ...object.metadata, resourceVersion: String(++version) } };
      objects.get(resource)?.set(id, written);
      record(resource, type, written);
    },
    delete(kind, name) {
      const resource = resourceOf(kind);
      const found = [...(objects.get(resource) ?? [])].find(([, { metadata }]) => metadata.name === name);
      if (!found) throw new Error(`there is no ${kind} ${name}`);
      const [id, object] = found;
      objects.get(resource)?.delete(id);
      record(resource, 'DELETED', { ...object, metadata: { ...object.metadata, resourceVersion: String(++version) } });
    },
    bookmark() {
      version++;
      for (const { response, resource } of watches) {
        const object = {
          kind: KINDS[resource]?.kind,
          apiVersion: 'v1',
          metadata: { resourceVersion: String(version) },
        };
        response.write(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`);
      }
    },
    dropWatches() {
      for (const { response } of watches) response.destroy();
    },
    compact() {
      compacted = ++version;
      history.length = 0;
    },
    watches: () => watches.size,
    close: () =>
      new Promise((closed) => {
        http.close(() => closed());
        http.closeAllConnections();
      }),
  };
  return server;
}

export function json(
  response: ServerResponse,
  code: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(code, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** A refusal in the API server's own words. */
export function status(response: ServerResponse, code: number, reason: string, message: string, headers = {}): void {
  json(response, code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message, code }, headers);
}
