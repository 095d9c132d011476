import { actions } from '../hops/actions.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { byTheRight } from '../hops/hops.ts';
import { node } from '../nodes.ts';

const REGISTRATION = 'admissionregistration.k8s.io';
const GUARDS = [
  `validatingwebhookconfigurations.${REGISTRATION}`,
  `validatingadmissionpolicies.${REGISTRATION}`,
  `validatingadmissionpolicybindings.${REGISTRATION}`,
];

export const weakenGuard = defineEdge({
  id: 'F6',
  title: 'take away the webhook or the policy that guards admission',
  technique: ['T1562'],
  cost: 1,
  from: actions(['delete', 'deletecollection', 'update', 'patch'], GUARDS),
  *hops(right) {
    // A right limited to a name may be about the one guard that is not in the way.
    if (right.object === undefined) yield { to: node('AdmissionGuards'), because: byTheRight };
  },
  fix: 'Remove write on admission configuration from everybody but the cluster administrators.',
  prove: 'Ask for access reviews of delete and patch on the configurations; server-side dry run.',
});
