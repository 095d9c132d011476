import { actions, may } from '../actions.ts';
import { defineEdge } from '../define-edge.ts';
import { all } from '../groups.ts';
import { rule } from '../hops.ts';

const REQUESTS = 'certificatesigningrequests.certificates.k8s.io';
const APPROVALS = actions(['update', 'patch'], [`${REQUESTS}/approval`]);
/** Names of the signer of client certificates that a rule may have. */
const SIGNERS = [undefined, 'kubernetes.io/kube-apiserver-client', 'kubernetes.io/*'];

export const signingRequest = defineEdge({
  id: 'D8',
  title: 'a certificate in any name: create, approve and collect a signing request',
  technique: ['T1078'],
  cost: 2,
  from: ['approve signers.certificates.k8s.io'],
  asks: [`create ${REQUESTS}`, ...APPROVALS],
  *hops(right) {
    if (!SIGNERS.includes(right.object)) return;
    const because = rule(
      'CertificateSubjectRestriction',
      'the name and the groups of the certificate are free, except system:masters',
    );
    for (const approval of APPROVALS) {
      const and = [may(approval), may(`create ${REQUESTS}`)];
      yield { to: all('User'), and, because };
      yield { to: all('Group'), and, because };
      yield { to: all('Identity'), and, because };
    }
  },
  fix: 'Remove approve on signers/kubernetes.io/kube-apiserver-client.',
  prove: 'Ask for access reviews of create, update approval and approve.',
});
