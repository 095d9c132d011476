import type { Because } from '../../model/because.ts';
import type { ObjectRef } from '../../model/object.ts';

/** Who asks, as the authenticator names them. Groups are complete: nothing is added by the engine. */
export interface Requester {
  readonly user: string;
  readonly groups: readonly string[];
}

/** One request as the API server's authorizer sees it. All values are literal; `*` is the wildcard itself. */
export type AccessRequest =
  | {
      readonly kind: 'resource';
      readonly verb: string;
      readonly group: string;
      readonly resource: string;
      readonly subresource: string;
      readonly name: string;
      /** Empty for cluster-scoped requests and for requests over all namespaces. */
      readonly namespace: string;
    }
  | { readonly kind: 'nonResource'; readonly verb: string; readonly path: string };

/** The grant that allowed a request: which binding, which role, which rule of it (index). */
export interface Grant {
  readonly binding: ObjectRef;
  readonly role: ObjectRef;
  readonly rule: number;
}

export interface AccessDecision {
  /** `unknown`: what was read allows nothing, but something that could have was not read (or is another authorizer's). */
  readonly allowed: boolean | 'unknown';
  readonly grants: readonly Grant[];
  readonly because: readonly Because[];
}

/** A subject as bound. */
export interface BoundSubject {
  readonly kind: 'User' | 'Group' | 'ServiceAccount';
  readonly name: string;
  readonly namespace?: string;
}
