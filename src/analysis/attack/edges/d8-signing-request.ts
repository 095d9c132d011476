import { actions, may } from '../hops/actions.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { certified, SIGNING_REQUESTS } from '../hops/client-certificates.ts';
import { rule } from '../hops/hops.ts';

const APPROVALS = actions(['update', 'patch'], [`${SIGNING_REQUESTS}/approval`]);

export const signingRequest = defineEdge({
  id: 'D8',
  title: 'a certificate in any name: create, approve and collect a signing request',
  technique: ['T1078'],
  cost: 2,
  from: ['approve signers.certificates.k8s.io'],
  asks: [`create ${SIGNING_REQUESTS}`, ...APPROVALS],
  *hops(right) {
    const because = rule(
      'CertificateSubjectRestriction',
      'the name and the groups of the certificate are free, except system:masters; of a kubelet it is the name of a node',
    );
    for (const approval of APPROVALS) {
      const and = [may(approval), may(`create ${SIGNING_REQUESTS}`)];
      for (const to of certified(right)) yield { to, and, because };
    }
  },
  fix: 'Remove approve on signers/kubernetes.io/kube-apiserver-client and kube-apiserver-client-kubelet.',
  prove: 'Ask for access reviews of create, update approval and approve.',
});
