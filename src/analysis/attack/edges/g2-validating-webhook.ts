import { clusterWrites, tap } from '../control-plane.ts';
import { defineEdge } from '../define-edge.ts';
import { PRINCIPALS } from '../hops.ts';
import { node } from '../nodes.ts';

export const validatingWebhook = defineEdge({
  id: 'G2',
  title: 'validating webhook: read whatever is admitted',
  technique: ['T1546'],
  cost: 2,
  from: PRINCIPALS,
  *hops(from, world) {
    yield* tap(
      clusterWrites(from, world, ['validatingwebhookconfigurations.admissionregistration.k8s.io']),
      node('AdmissionControl'),
    );
  },
  fix: 'Remove the right to write admission configuration.',
  prove: 'Ask for an access review; server-side dry run of a webhook that matches nothing.',
});
