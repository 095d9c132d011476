import type { StaticToken } from '../authn/authenticate.ts';
import type { ServiceAccountTokens } from '../authn/service-account-tokens.ts';
import type { Call, Core } from '../core.ts';
import type { IncludeObject } from '../tables/table.ts';
import type { Shape } from './accept.ts';
import type { Body } from './body.ts';
import type { RequestInfo } from './request-info.ts';

/** One authorized request for a resource. */
export interface ResourceRequest {
  readonly core: Core;
  readonly call: Call;
  readonly info: Extract<RequestInfo, { kind: 'resource' }>;
  readonly query: URLSearchParams;
  readonly body: Body;
  readonly shape: Shape;
  readonly accounts: ServiceAccountTokens;
  readonly tokens: readonly StaticToken[];
  /** Aborts when the client goes away or the server closes. */
  readonly signal: AbortSignal;
}

/** How much of each object a table carries along: its metadata unless asked otherwise. */
export function includeOf(query: URLSearchParams): IncludeObject {
  const asked = query.get('includeObject');
  return asked === 'Object' || asked === 'None' ? asked : 'Metadata';
}
