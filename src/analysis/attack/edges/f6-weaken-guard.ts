import { actions, resourceOf } from '../hops/actions.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { byTheRight } from '../hops/hops.ts';
import { powerOver } from '../hops/new-pods.ts';

const REGISTRATION = 'admissionregistration.k8s.io';
const GUARDS = [
  `validatingwebhookconfigurations.${REGISTRATION}`,
  `validatingadmissionpolicies.${REGISTRATION}`,
  `validatingadmissionpolicybindings.${REGISTRATION}`,
  'clusterpolicies.kyverno.io',
  'policies.kyverno.io',
];

export const weakenGuard = defineEdge({
  id: 'F6',
  title: 'take away the webhook or the policy that guards admission',
  technique: ['T1562'],
  cost: 1,
  from: actions(['delete', 'deletecollection', 'update', 'patch'], GUARDS),
  *hops(right, world) {
    for (const guard of world.guards()) {
      const isIts = guard.restsOn.some(
        ({ resource, namespace, name }) =>
          resource === resourceOf(right) &&
          (right.object ?? name) === name &&
          (right.namespace ?? namespace) === namespace,
      );
      if (isIts) yield { to: powerOver(guard), because: byTheRight };
    }
  },
  fix: 'Remove write on admission configuration from everybody but the cluster administrators.',
  prove: 'Ask for access reviews of delete and patch on the configurations; server-side dry run.',
});
