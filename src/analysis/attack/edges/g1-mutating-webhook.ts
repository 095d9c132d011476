import { actions } from '../actions.ts';
import { defineEdge } from '../define-edge.ts';
import { node } from '../nodes.ts';
import { byTheRight } from '../hops.ts';

export const mutatingWebhook = defineEdge({
  id: 'G1',
  title: 'mutating webhook: change whatever is admitted',
  technique: ['T1546'],
  matrix: ['TA9015'],
  cost: 2,
  from: actions(
    ['create', 'update', 'patch'],
    [
      'mutatingwebhookconfigurations.admissionregistration.k8s.io',
      'mutatingadmissionpolicies.admissionregistration.k8s.io',
    ],
  ),
  *hops() {
    yield { to: node('AdmissionControl'), because: byTheRight };
  },
  fix: 'Remove the right to write admission configuration.',
  prove: 'Ask for an access review; server-side dry run of a webhook that matches nothing.',
});
