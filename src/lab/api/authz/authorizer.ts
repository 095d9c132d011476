import {
  analyseAccess,
  describeGrant,
  type AccessAnalysis,
  type AccessRequest,
  type EffectiveRules,
  type Requester,
} from '../../../analysis/access/index.ts';
import { createSnapshot } from '../../../model/snapshot.ts';
import type { Store } from '../storage/store.ts';
import { decideForNode } from './node.ts';

export interface AuthorizationDecision {
  readonly allowed: boolean;
  /** As SubjectAccessReview gives it: `RBAC: allowed by …`. */
  readonly reason: string;
}

export interface Authorizer {
  decide(requester: Requester, request: AccessRequest): AuthorizationDecision;
  rulesFor(requester: Requester, namespace: string): EffectiveRules;
}

const RBAC = ['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings'].map(
  (resource) => `${resource}.rbac.authorization.k8s.io`,
);

/** More answers than this are not worth keeping. */
const REMEMBERED = 5000;

/**
 * Node and RBAC, in that order. RBAC is decided by the same engine that judges snapshots, over the RBAC objects of
 * the store; its index and its answers are kept until one of them changes.
 */
export function createAuthorizer(store: Store): Authorizer {
  let analysis: AccessAnalysis | undefined;
  const answers = new Map<string, AuthorizationDecision>();
  const forget = (): void => {
    analysis = undefined;
    answers.clear();
  };
  for (const resource of RBAC) store.follow(resource, store.revision(), forget);

  function current(): AccessAnalysis {
    analysis ??= analyseAccess(
      createSnapshot({
        source: { kind: 'lab', description: 'the lab' },
        resources: RBAC.flatMap((resource) => store.list(resource).map((object) => ({ object }))),
      }),
    );
    return analysis;
  }

  function byRbac(requester: Requester, request: AccessRequest): AuthorizationDecision {
    const key = JSON.stringify([requester.user, requester.groups, request]);
    const known = answers.get(key);
    if (known) return known;
    const { allowed, grants } = current().decide(requester, request);
    const answer: AuthorizationDecision =
      allowed === true
        ? { allowed: true, reason: grants[0] ? `RBAC: allowed by ${describeGrant(grants[0])}` : '' }
        : { allowed: false, reason: '' };
    if (answers.size >= REMEMBERED) answers.clear();
    answers.set(key, answer);
    return answer;
  }

  return {
    decide(requester, request) {
      if (request.kind === 'resource' && decideForNode(store, requester, request)) {
        return { allowed: true, reason: '' };
      }
      return byRbac(requester, request);
    },
    rulesFor: (requester, namespace) => current().rulesFor(requester, namespace),
  };
}
