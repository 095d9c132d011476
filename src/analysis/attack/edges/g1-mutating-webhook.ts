import { actions, may, resourceOf, type Action } from '../hops/actions.ts';
import { defineEdge, type Hop } from '../hops/define-edge.ts';
import { all, isMadeAgain } from '../hops/groups.ts';
import { byTheRight, rule } from '../hops/hops.ts';
import { admitted } from '../hops/new-pods.ts';
import { node } from '../nodes.ts';
import type { World } from '../world/world.ts';

const REGISTRATION = 'admissionregistration.k8s.io';
const POLICIES = `mutatingadmissionpolicies.${REGISTRATION}`;
const BINDING = `MutatingAdmissionPolicyBinding.${REGISTRATION}`;
const CREATE_BINDING: Action = `create mutatingadmissionpolicybindings.${REGISTRATION}`;

export const mutatingWebhook = defineEdge({
  id: 'G1',
  title: 'mutating webhook: change whatever is admitted',
  technique: ['T1546'],
  matrix: ['TA9015'],
  cost: 2,
  from: actions(['create', 'update', 'patch'], [`mutatingwebhookconfigurations.${REGISTRATION}`, POLICIES]),
  asks: [CREATE_BINDING],
  *hops(right, world) {
    yield { to: node('AdmissionControl'), because: byTheRight };
    if (resourceOf(right) !== POLICIES) yield* intoNewPods(world);
    // A policy does nothing without a binding.
    else if (right.name?.startsWith('create ')) yield* intoNewPods(world, [may(CREATE_BINDING)]);
    else if (world.snapshot.list(BINDING).length > 0) yield* intoNewPods(world);
    else {
      const [gap] = world.snapshot.gaps([BINDING]);
      if (gap) for (const hop of intoNewPods(world)) yield { ...hop, open: gap.detail };
    }
  },
  fix: 'Remove the right to write admission configuration.',
  prove: 'Ask for an access review; server-side dry run of a webhook that matches nothing.',
});

/** A container in every pod that a controller makes again, and one that is privileged where Pod Security lets that in. */
function* intoNewPods(world: World, and?: Hop['and']): Generator<Hop> {
  const because = rule('admission', 'every pod that is made from now on runs the container that is put into it');
  const premises = and ? { and } : {};
  yield { to: all('RemadeShell'), ...premises, because };
  for (const namespace of new Set(
    world.pods
      .all()
      .filter(isMadeAgain)
      .map((unit) => unit.namespace),
  ))
    yield* admitted('baseline', namespace, { to: all('RemadeHost', namespace), ...premises, because }, world);
}
