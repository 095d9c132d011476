import type { AttackNode } from './nodes.ts';
import { all } from './groups.ts';

/** Requests for certificates, as edges write rights on them. */
export const SIGNING_REQUESTS = 'certificatesigningrequests.certificates.k8s.io';

/** Names a rule may have for the signer of the API server's client certificates. */
const SIGNERS = [undefined, 'kubernetes.io/kube-apiserver-client', 'kubernetes.io/*'];

/** Whether a right on signers is about client certificates of the API server. */
export function isAboutClientCertificates({ object }: AttackNode): boolean {
  return SIGNERS.includes(object);
}

/** Everybody a client certificate may name: the signer refuses system:masters, and nobody else. */
export const ANY_NAME: readonly AttackNode[] = [all('User'), all('Group'), all('Identity')];
