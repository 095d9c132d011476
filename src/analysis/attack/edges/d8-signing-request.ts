import { actions, may } from '../hops/actions.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { certified, SIGNERS, SIGNING_REQUESTS } from '../hops/client-certificates.ts';
import { rule } from '../hops/hops.ts';

const APPROVALS = actions(['update', 'patch'], [`${SIGNING_REQUESTS}/approval`]);
const APPROVE = 'approve signers.certificates.k8s.io';

const because = rule(
  'CertificateSubjectRestriction',
  'the name and the groups of the certificate are free, except system:masters; of a kubelet it is the name of a node',
);

export const signingRequest = defineEdge({
  id: 'D8',
  title: 'a certificate in any name: create, approve and collect a signing request',
  technique: ['T1078'],
  cost: 2,
  from: [APPROVE, ...APPROVALS],
  asks: [`create ${SIGNING_REQUESTS}`],
  *hops(right) {
    const create = may(`create ${SIGNING_REQUESTS}`);
    if (right.name === APPROVE) {
      for (const approval of APPROVALS)
        for (const to of certified(right.object)) yield { to, and: [may(approval), create], because };
    } else if (right.object !== undefined) {
      // Whoever creates the request names it.
      for (const signer of SIGNERS)
        for (const to of certified(signer)) yield { to, and: [may(APPROVE, undefined, signer), create], because };
    }
  },
  fix: 'Remove approve on signers/kubernetes.io/kube-apiserver-client and kube-apiserver-client-kubelet.',
  prove: 'Ask for access reviews of create, update approval and approve.',
});
