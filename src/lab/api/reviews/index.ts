import type { AccessRequest, Requester } from '../../../analysis/access/index.ts';
import { describeRule } from '../../../analysis/access/index.ts';
import { at, isRecord, list, record, strings, text, type JsonRecord } from '../../../model/json.ts';
import type { ServiceAccountTokens } from '../authn/service-account-tokens.ts';
import type { StaticToken } from '../authn/authenticate.ts';
import { timestamp, type Call, type Core, type UserInfo } from '../core.ts';
import { badRequest, invalid } from '../http/status.ts';
import type { ApiKind } from '../kinds.ts';
import { readObject } from '../operations/read-body.ts';
import type { Draft } from '../objects.ts';
import { required } from '../validation/causes.ts';

export interface ReviewContext {
  readonly core: Core;
  readonly call: Call;
  readonly kind: ApiKind;
  readonly namespace: string | undefined;
  readonly accounts: ServiceAccountTokens;
  readonly tokens: readonly StaticToken[];
}

/** Answers a review: the question comes back with its `status`. Nothing is stored. */
export function review(context: ReviewContext, body: unknown): JsonRecord {
  const question = readObject(body, { kind: context.kind, namespace: context.namespace }, context.call);
  const { metadata } = question;
  return {
    ...question,
    metadata: { ...metadata, managedFields: undefined },
    status: REVIEWS[context.kind.kind]?.(context, question) ?? {},
  };
}

const REVIEWS: Readonly<Record<string, (context: ReviewContext, question: Draft) => JsonRecord>> = {
  SelfSubjectReview: ({ core, call }, question) => {
    question.metadata.creationTimestamp = timestamp(core.now());
    return { userInfo: userInfo(call.requester) };
  },
  SelfSubjectAccessReview: ({ core, call }, question) => decide(core, call.requester, question),
  SubjectAccessReview: ({ core, kind }, question) => decide(core, subjectOf(kind, question), question),
  LocalSubjectAccessReview: ({ core, kind, namespace }, question) => {
    const asked = at(question, 'spec', 'resourceAttributes', 'namespace');
    if (asked !== namespace) {
      throw invalid(kind, '', [
        {
          reason: 'FieldValueInvalid',
          message: `Invalid value: ${JSON.stringify(asked ?? '')}: must match metadata.namespace`,
          field: 'spec.resourceAttributes.namespace',
        },
      ]);
    }
    return decide(core, subjectOf(kind, question), question);
  },
  SelfSubjectRulesReview: ({ core, call }, question) => rules(core, call.requester, question),
  TokenReview: tokenReview,
};

function subjectOf(kind: ApiKind, question: Draft): Requester {
  const user = text(at(question, 'spec', 'user')) ?? '';
  const groups = strings(at(question, 'spec', 'groups'));
  if (user === '' && groups.length === 0) {
    throw invalid(kind, '', [required('spec.user', 'at least one of user or group must be specified')]);
  }
  return { user, groups };
}

function decide(core: Core, requester: Requester, question: Draft): JsonRecord {
  const spec = record(question['spec']);
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec;
  if (isRecord(resource) === isRecord(path)) {
    throw badRequest('exactly one of nonResourceAttributes or resourceAttributes must be specified');
  }
  const word = (of: unknown, field: string): string => text(at(of, field)) ?? '';
  const request: AccessRequest = isRecord(resource)
    ? {
        kind: 'resource',
        verb: word(resource, 'verb'),
        group: word(resource, 'group'),
        resource: word(resource, 'resource'),
        subresource: word(resource, 'subresource'),
        name: word(resource, 'name'),
        namespace: word(resource, 'namespace'),
      }
    : { kind: 'nonResource', verb: word(path, 'verb'), path: word(path, 'path') };
  const { allowed, reason } = core.authorizer.decide(requester, request);
  return { allowed, ...(reason === '' ? {} : { reason }) };
}

function rules(core: Core, requester: Requester, question: Draft): JsonRecord {
  const namespace = text(at(question, 'spec', 'namespace')) ?? '';
  if (namespace === '') throw badRequest('no namespace on request');
  const found = core.authorizer.rulesFor(requester, namespace).grants.map(({ policy }) => policy);
  // One rule may come through many bindings; it is said once.
  const unique = [...new Map(found.map((rule) => [describeRule(rule), rule])).values()];
  return {
    resourceRules: unique
      .filter((rule) => rule.resources.length > 0)
      .map(({ verbs, apiGroups, resources, resourceNames }) => ({
        verbs,
        apiGroups,
        resources,
        ...(resourceNames.length > 0 ? { resourceNames } : {}),
      })),
    nonResourceRules: unique
      .filter((rule) => rule.nonResourceURLs.length > 0)
      .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
    incomplete: false,
  };
}

function tokenReview({ kind, accounts, tokens }: ReviewContext, question: Draft): JsonRecord {
  const token = text(at(question, 'spec', 'token')) ?? '';
  if (token === '') throw invalid(kind, '', [required('spec.token')]);
  const asked = list(at(question, 'spec', 'audiences')).filter((one): one is string => typeof one === 'string');
  const known = tokens.find((candidate) => candidate.token === token);
  const audiences = asked.length > 0 ? asked : [accounts.audience];
  const user: UserInfo | undefined = known
    ? { user: known.user, groups: [...known.groups, 'system:authenticated'], extra: {} }
    : accounts.authenticate(token, audiences);
  if (!user) return { user: {}, error: 'invalid bearer token' };
  return { authenticated: true, user: userInfo(user), audiences };
}

function userInfo(user: UserInfo): JsonRecord {
  return {
    username: user.user,
    ...(user.uid === undefined ? {} : { uid: user.uid }),
    groups: user.groups,
    ...(Object.keys(user.extra).length > 0 ? { extra: user.extra } : {}),
  };
}
