import type { Core } from '../core.ts';
import {
  aggregatedDiscovery,
  apiVersions,
  groupDocument,
  groupList,
  resourceList,
  VERSION,
} from '../discovery/discovery.ts';
import { openApiDocument, openApiIndex } from '../discovery/openapi.ts';
import type { Shape } from './accept.ts';
import { json, text, type Answer } from './answer.ts';
import type { Metrics } from './metrics.ts';
import { methodNotAllowed, noSuchPath } from './status.ts';

export interface NonResourceContext {
  readonly core: Core;
  readonly metrics: Metrics;
  readonly jwks: unknown;
}

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** Everything that is no resource: discovery, health, version, metrics, OpenAPI, keys. */
export function serveNonResource(method: string, path: string, shape: Shape, context: NonResourceContext): Answer {
  if (method !== 'GET' && method !== 'HEAD') throw methodNotAllowed();
  const { registry } = context.core;
  const parts = path.split('/').filter((part) => part !== '');
  const found = (body: unknown): Answer => {
    if (body === undefined) throw noSuchPath();
    return json(body);
  };
  const aggregated = shape === 'aggregated-discovery';
  switch (parts[0]) {
    case undefined:
      return json({ paths: ROOT_PATHS });
    case 'healthz':
    case 'livez':
    case 'readyz':
      return text('ok');
    case 'version':
      return json(VERSION);
    case 'metrics':
      return text(context.metrics.render(), 'text/plain; version=0.0.4; charset=utf-8');
    case 'openid':
      return found(path === '/openid/v1/jwks' ? context.jwks : undefined);
    case 'openapi': {
      if (parts[1] !== 'v3') throw noSuchPath();
      const rest = parts.slice(2).join('/');
      return found(rest === '' ? openApiIndex(registry) : openApiDocument(registry, rest));
    }
    case 'api': {
      if (parts.length === 1) {
        return aggregated
          ? { kind: 'json', code: 200, body: aggregatedDiscovery(registry, true), contentType: AGGREGATED }
          : json(apiVersions());
      }
      return found(parts.length === 2 ? resourceList(registry, '', parts[1] ?? '') : undefined);
    }
    case 'apis': {
      const [, group = '', version = ''] = parts;
      if (parts.length === 1) {
        return aggregated
          ? { kind: 'json', code: 200, body: aggregatedDiscovery(registry, false), contentType: AGGREGATED }
          : json(groupList(registry));
      }
      if (parts.length === 2) return found(groupDocument(registry, group));
      return found(parts.length === 3 ? resourceList(registry, group, version) : undefined);
    }
    default:
      throw noSuchPath();
  }
}

const ROOT_PATHS = [
  '/api',
  '/api/v1',
  '/apis',
  '/healthz',
  '/livez',
  '/metrics',
  '/openapi/v3',
  '/openid/v1/jwks',
  '/readyz',
  '/version',
];
