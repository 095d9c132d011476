import { actions, may } from '../actions.ts';
import { defineEdge } from '../define-edge.ts';
import { ANY_NAME, isAboutClientCertificates, SIGNING_REQUESTS } from '../client-certificates.ts';
import { rule } from '../hops.ts';

const APPROVALS = actions(['update', 'patch'], [`${SIGNING_REQUESTS}/approval`]);

export const signingRequest = defineEdge({
  id: 'D8',
  title: 'a certificate in any name: create, approve and collect a signing request',
  technique: ['T1078'],
  cost: 2,
  from: ['approve signers.certificates.k8s.io'],
  asks: [`create ${SIGNING_REQUESTS}`, ...APPROVALS],
  *hops(right) {
    if (!isAboutClientCertificates(right)) return;
    const because = rule(
      'CertificateSubjectRestriction',
      'the name and the groups of the certificate are free, except system:masters',
    );
    for (const approval of APPROVALS) {
      const and = [may(approval), may(`create ${SIGNING_REQUESTS}`)];
      for (const to of ANY_NAME) yield { to, and, because };
    }
  },
  fix: 'Remove approve on signers/kubernetes.io/kube-apiserver-client.',
  prove: 'Ask for access reviews of create, update approval and approve.',
});
