import { refOf, type ObjectRef } from '../../../model/object.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { containersAt, IN_POD, inSpec, tokenOf } from '../hops/hops.ts';
import { API_REACH } from '../nodes.ts';
import { tokenMounted, type PodUnit } from '../facts/pod-units.ts';
import type { World } from '../world/world.ts';

export const podToken = defineEdge({
  id: 'D1',
  title: "the pod's own token",
  technique: ['T1528'],
  matrix: ['TA9016'],
  cost: 1,
  from: IN_POD,
  *hops(from, world) {
    for (const { unit, container } of containersAt(from, world)) {
      if (!tokenMounted(world.snapshot, unit, container)) continue;
      const unread =
        unit.spec['automountServiceAccountToken'] === undefined
          ? world.snapshot.gaps(['ServiceAccount'], unit.namespace)[0]
          : undefined;
      yield {
        to: tokenOf({ namespace: unit.namespace, name: unit.serviceAccount }),
        and: [API_REACH],
        needs: [unit.ref, ...accountObject(unit, world)],
        because: () => [
          inSpec(
            unit,
            ['automountServiceAccountToken'],
            `container ${container.entry.name} has the token of service account ${unit.namespace}/${unit.serviceAccount}`,
          ),
        ],
        ...(unread ? { open: unread.detail } : {}),
      };
    }
  },
  fix: 'Set automountServiceAccountToken: false, or give the pod a service account of its own with no rights.',
  prove: 'Look whether the token file is there; it is not read.',
});

/** Without its service account a pod's token is worth nothing; `default` comes back by itself. */
function accountObject({ namespace, serviceAccount }: PodUnit, world: World): readonly ObjectRef[] {
  if (serviceAccount === 'default') return [];
  const account = world.snapshot.get('ServiceAccount', namespace, serviceAccount);
  return account ? [refOf(account.object)] : [];
}
