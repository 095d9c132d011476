import { actions } from '../hops/actions.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { node } from '../nodes.ts';
import { byTheRight } from '../hops/hops.ts';

export const validatingWebhook = defineEdge({
  id: 'G2',
  title: 'validating webhook: read whatever is admitted',
  technique: ['T1546'],
  cost: 2,
  from: actions(['create', 'update', 'patch'], ['validatingwebhookconfigurations.admissionregistration.k8s.io']),
  *hops() {
    yield { to: node('AdmissionControl'), because: byTheRight };
  },
  fix: 'Remove the right to write admission configuration.',
  prove: 'Ask for an access review; server-side dry run of a webhook that matches nothing.',
});
