import { actions, may } from '../hops/actions.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { certified, SIGNING_REQUESTS } from '../hops/client-certificates.ts';
import { rule } from '../hops/hops.ts';

const STATUS = actions(['update', 'patch'], [`${SIGNING_REQUESTS}/status`]);

export const signRequest = defineEdge({
  id: 'D9',
  title: 'sign a certificate in any name, with the key of a CA',
  technique: ['T1078'],
  cost: 4,
  from: ['sign signers.certificates.k8s.io'],
  asks: STATUS,
  *hops(right) {
    for (const status of STATUS) {
      for (const to of certified(right.object)) {
        yield {
          to,
          and: [may(status)],
          because: rule('CertificateSigningRequest', 'whoever writes status.certificate is the signer'),
          open: 'a signature the API server trusts needs the key of its client CA',
        };
      }
    }
  },
  fix: 'Remove sign on signers/kubernetes.io/kube-apiserver-client.',
  prove: 'Ask for access reviews of sign and of update on the status of requests.',
});
