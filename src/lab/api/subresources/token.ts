import { at, number, strings, text, type JsonRecord } from '../../../model/json.ts';
import type { BoundObject, ServiceAccountTokens } from '../authn/service-account-tokens.ts';
import { timestamp, type Core } from '../core.ts';
import { conflict, invalid, notFound } from '../http/status.ts';
import type { Target } from '../operations/change.ts';
import { getObject } from '../operations/read.ts';
import { invalidValue } from '../validation/causes.ts';

const RESOURCES = { Pod: 'pods', Secret: 'secrets', Node: 'nodes' } as const;
const REQUEST = { group: 'authentication.k8s.io', resource: 'serviceaccounts', kind: 'TokenRequest' };

/** POST serviceaccounts/NAME/token. */
export function requestToken(core: Core, target: Target, body: unknown, tokens: ServiceAccountTokens): JsonRecord {
  const account = getObject(core, target.kind, target.namespace, target.name);
  const seconds = number(at(body, 'spec', 'expirationSeconds')) ?? 3600;
  if (seconds < 600) {
    throw invalid(REQUEST, target.name, [
      invalidValue('spec.expirationSeconds', seconds, 'may not specify a duration less than 10 minutes'),
    ]);
  }
  const audiences = strings(at(body, 'spec', 'audiences'));
  const bound = readBound(core, target, body);
  const { token, expires } = tokens.issue({ account, audiences, seconds, ...(bound ? { bound } : {}) });
  const given = at(body, 'spec', 'boundObjectRef');
  return {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name: target.name, namespace: target.namespace, creationTimestamp: timestamp(core.now()) },
    spec: {
      audiences: audiences.length > 0 ? audiences : [tokens.audience],
      expirationSeconds: seconds,
      boundObjectRef: given ?? null,
    },
    status: { token, expirationTimestamp: timestamp(expires) },
  };
}

function readBound(core: Core, target: Target, body: unknown): BoundObject | undefined {
  const given = at(body, 'spec', 'boundObjectRef');
  if (given === undefined || given === null) return undefined;
  const kind = text(at(given, 'kind')) ?? '';
  if (kind !== 'Pod' && kind !== 'Secret' && kind !== 'Node') {
    throw invalid(REQUEST, target.name, [
      invalidValue(
        'spec.boundObjectRef',
        given,
        `cannot bind token for serviceaccount "${target.name}" to object of kind ${kind}`,
      ),
    ]);
  }
  const name = text(at(given, 'name')) ?? '';
  const resource = RESOURCES[kind];
  const found = core.store.get(resource, kind === 'Node' ? undefined : target.namespace, name);
  if (!found) throw notFound({ group: '', resource, kind }, name);
  const wanted = text(at(given, 'uid'));
  const uid = found.metadata.uid ?? '';
  if (wanted && wanted !== uid) {
    const why = `the UID in the bound object reference (${wanted}) does not match the UID in record. The object might have been deleted and then recreated`;
    throw conflict({ group: '', resource, kind }, name, why);
  }
  return { kind, name, uid };
}
