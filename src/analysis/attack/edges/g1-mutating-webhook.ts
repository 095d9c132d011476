import { clusterWrites, tap } from '../control-plane.ts';
import { defineEdge } from '../define-edge.ts';
import { PRINCIPALS } from '../hops.ts';
import { node } from '../nodes.ts';

export const mutatingWebhook = defineEdge({
  id: 'G1',
  title: 'mutating webhook: change whatever is admitted',
  technique: ['T1546'],
  matrix: ['TA9015'],
  cost: 2,
  from: PRINCIPALS,
  *hops(from, world) {
    yield* tap(
      clusterWrites(from, world, [
        'mutatingwebhookconfigurations.admissionregistration.k8s.io',
        'mutatingadmissionpolicies.admissionregistration.k8s.io',
      ]),
      node('AdmissionControl'),
    );
  },
  fix: 'Remove the right to write admission configuration.',
  prove: 'Ask for an access review; server-side dry run of a webhook that matches nothing.',
});
