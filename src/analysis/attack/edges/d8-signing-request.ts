import { defineEdge } from '../define-edge.ts';
import { PRINCIPALS } from '../hops.ts';
import type { Permission } from '../permissions.ts';

const SIGNER = 'kubernetes.io/kube-apiserver-client';

export const signingRequest = defineEdge({
  id: 'D8',
  title: 'a certificate in any name: create, approve and collect a signing request',
  technique: ['T1078'],
  cost: 2,
  from: PRINCIPALS,
  *hops(from, world) {
    const cluster = (permission: Permission): boolean => permission.namespace === undefined;
    const approval = [
      ...world.may(from, 'update', 'certificatesigningrequests.certificates.k8s.io/approval'),
      ...world.may(from, 'patch', 'certificatesigningrequests.certificates.k8s.io/approval'),
    ].find(cluster);
    const signer = world
      .may(from, 'approve', 'signers.certificates.k8s.io')
      .find(
        (permission) =>
          cluster(permission) &&
          (permission.names.length === 0 ||
            permission.names.includes(SIGNER) ||
            permission.names.includes('kubernetes.io/*')),
      );
    if (!approval || !signer) return;
    const own = world.may(from, 'create', 'certificatesigningrequests.certificates.k8s.io').find(cluster);
    const creators = own
      ? [{ principal: from, permission: own }]
      : world.actors('create', 'certificatesigningrequests.certificates.k8s.io', undefined);
    for (const { principal, permission } of creators) {
      for (const somebody of world.principals()) {
        if (somebody.kind !== 'Identity' || somebody.name === 'group:system:masters') continue;
        yield {
          to: somebody,
          ...(principal === from ? {} : { and: [principal] }),
          needs: [...approval.needs, ...signer.needs, ...permission.needs],
          because: [
            ...approval.because,
            ...signer.because,
            ...permission.because,
            {
              kind: 'rule',
              source: 'CertificateSubjectRestriction',
              says: 'the name and the groups of the certificate are free, except system:masters',
            },
          ],
        };
      }
    }
  },
  fix: 'Remove approve on signers/kubernetes.io/kube-apiserver-client.',
  prove: 'Ask for access reviews of create, update approval and approve.',
});
