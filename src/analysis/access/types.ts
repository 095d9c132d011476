import type { Because } from '../../model/because.ts';
import type { ObjectRef } from '../../model/object.ts';
import type { Gap } from '../../model/snapshot.ts';

/** Who asks, as the authenticator names them. Groups are complete: nothing is added by the engine. */
export interface Requester {
  readonly user: string;
  readonly groups: readonly string[];
}

/** A request for a resource as the API server's authorizer sees it. All values are literal; `*` is the wildcard itself. */
export interface ResourceRequest {
  readonly kind: 'resource';
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
  /** Empty for cluster-scoped requests and for requests over all namespaces. */
  readonly namespace: string;
}

/** A request for a path that is no resource: `/metrics`, `/healthz`. */
export interface NonResourceRequest {
  readonly kind: 'nonResource';
  readonly verb: string;
  readonly path: string;
}

export type AccessRequest = ResourceRequest | NonResourceRequest;

/** One rule of a Role or ClusterRole; absent lists are empty. */
export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames: readonly string[];
  readonly nonResourceURLs: readonly string[];
}

/** The grant that allowed a request: which binding, which role, which rule of it (index). */
export interface Grant {
  readonly binding: ObjectRef;
  readonly role: ObjectRef;
  /** Index into the rules of `role`, or of `aggregatedFrom` where there is one. */
  readonly rule: number;
  readonly policy: PolicyRule;
  /** The ClusterRole an aggregated role has this rule from, where the rules were filled in offline. */
  readonly aggregatedFrom?: ObjectRef;
  /** The binding is one Kubernetes makes itself, added because the manifests lack it. */
  readonly builtIn: boolean;
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

/** A subject with every grant that would allow it the request, alone. */
export interface SubjectGrants {
  readonly subject: BoundSubject;
  /** Empty only for `Group system:masters`, which no binding is needed for. */
  readonly grants: readonly Grant[];
}

/** Who may make a request, as bound: groups are not expanded into members. */
export interface WhoCanAnswer {
  /** Bound by what the source holds, and always `Group system:masters`. Sorted. */
  readonly subjects: readonly SubjectGrants[];
  /** Bound only by Kubernetes' own default bindings, which the manifests lack and a cluster has. Sorted. */
  readonly builtIn: readonly SubjectGrants[];
  /** Bound to a role that could not be read: perhaps. Sorted. */
  readonly uncertain: readonly BoundSubject[];
  /** What could not be read and might add subjects; the list is complete only when this is empty. */
  readonly gaps: readonly Gap[];
  /** Why the list may be incomplete: the gaps, and other authorizers. Empty when it is complete. */
  readonly unknown: readonly Because[];
}

/** The rules that hold for a requester in a namespace, each with the binding chain that gives it. */
export interface EffectiveRules {
  readonly grants: readonly Grant[];
  /** Why there may be more. Empty when the list is complete. */
  readonly unknown: readonly Because[];
}

/** Something wrong in the RBAC objects themselves; none of them widens an answer. */
export interface AccessFinding {
  readonly code: `SW_${string}`;
  readonly object: ObjectRef;
  readonly path: string;
  readonly message: string;
  readonly hint: string;
}
