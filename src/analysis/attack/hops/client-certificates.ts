import type { AttackNode } from '../nodes.ts';
import { all } from './groups.ts';

/** Requests for certificates, as edges write rights on them. */
export const SIGNING_REQUESTS = 'certificatesigningrequests.certificates.k8s.io';

const CLIENT = 'kubernetes.io/kube-apiserver-client';
const KUBELET = 'kubernetes.io/kube-apiserver-client-kubelet';
const EVERY = 'kubernetes.io/*';

/** Signers as rules name those that make clients; undefined for a rule that names none. */
export const SIGNERS = [undefined, CLIENT, KUBELET, EVERY] as const;

/**
 * Whoever a certificate may name that a right on signers is about. The signer of clients refuses system:masters and nobody else,
 * that of kubelets signs for nodes alone. Source: Kubernetes signers, CertificateSubjectRestriction.
 */
export function certified(signer: string | undefined): readonly AttackNode[] {
  const kubelets = all('NodeIdentity');
  if (signer === undefined || signer === CLIENT || signer === EVERY)
    return [all('User'), all('Group'), all('Identity'), kubelets];
  return signer === KUBELET ? [kubelets] : [];
}
