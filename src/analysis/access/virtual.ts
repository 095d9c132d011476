import type { AccessAnalysis } from './analyse.ts';
import type { KubernetesVersion } from '../../model/snapshot.ts';
import { atLeast, NEWEST_KUBERNETES } from '../../model/version.ts';
import { allOf, anyOf } from './decisions.ts';
import type { AccessDecision, Requester, ResourceRequest } from './types.ts';

/** Questions whose answer is more than one access check. */

export interface StreamTarget {
  readonly namespace: string;
  readonly pod: string;
  readonly subresource: 'exec' | 'attach' | 'portforward';
}

/**
 * May a requester exec into, attach to or forward ports of a pod? `create` by POST; a WebSocket is a GET, so `get` was enough
 * before Kubernetes 1.35, which checks `create` as well. `pods/proxy`, `services/proxy` and `nodes/proxy` have no such check.
 */
export function mayExec(
  access: AccessAnalysis,
  requester: Requester,
  { namespace, pod, subresource }: StreamTarget,
  version: KubernetesVersion = NEWEST_KUBERNETES,
): AccessDecision {
  const ask = (verb: string): AccessDecision =>
    access.decide(requester, {
      kind: 'resource',
      verb,
      group: '',
      resource: 'pods',
      subresource,
      name: pod,
      namespace,
    });
  return atLeast(version, 1, 35) ? ask('create') : anyOf([ask('create'), ask('get')]);
}

/**
 * May a requester approve, sign or attest for a signer? The right is on `signers` by the signer's name or by `DOMAIN/*`, which
 * is a literal name. Approving also needs `update` on the request's `approval`, signing on its `status`.
 */
export function mayForSigner(
  access: AccessAnalysis,
  requester: Requester,
  verb: 'approve' | 'sign' | 'attest',
  signer: string,
): AccessDecision {
  const certificates = (more: Pick<ResourceRequest, 'verb' | 'resource' | 'subresource' | 'name'>): AccessDecision =>
    access.decide(requester, { kind: 'resource', group: 'certificates.k8s.io', namespace: '', ...more });
  const onSigner = (name: string): AccessDecision => certificates({ verb, resource: 'signers', subresource: '', name });
  const named = anyOf([onSigner(signer), onSigner(`${signer.split('/')[0]}/*`)]);
  if (verb === 'attest') return named;
  const subresource = verb === 'approve' ? 'approval' : 'status';
  const write = (written: string): AccessDecision =>
    certificates({ verb: written, resource: 'certificatesigningrequests', subresource, name: '' });
  return allOf([named, anyOf([write('update'), write('patch')])]);
}
