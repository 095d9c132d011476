import { defineEdge } from '../define-edge.ts';
import { PRINCIPALS } from '../hops.ts';
import { node } from '../nodes.ts';
import { controllerCreations, onePerNamespace, podCreations } from '../new-pods.ts';

export const persistentVolume = defineEdge({
  id: 'E14',
  title: 'a PersistentVolume of a host path, mounted through a claim that Pod Security does not see',
  technique: ['T1611'],
  cost: 2,
  from: PRINCIPALS,
  *hops(from, world) {
    for (const volume of world.may(from, 'create', 'persistentvolumes')) {
      if (volume.namespace !== undefined) continue;
      const creations = onePerNamespace([...podCreations(from, world), ...controllerCreations(from, world)]);
      for (const { namespace, permission } of creations) {
        const claim = world
          .may(from, 'create', 'persistentvolumeclaims')
          .find((one) => one.namespace === undefined || one.namespace === namespace);
        if (!claim) continue;
        const asRoot = world.admitsBeyond('restricted', namespace);
        for (const name of world.nodeNames) {
          yield {
            to: node('Root', name),
            needs: [...volume.needs, ...claim.needs, ...permission.needs],
            because: [...volume.because, ...claim.because, ...permission.because],
            ...(asRoot.holds === true
              ? {}
              : { open: 'pods may not run as root there: the file modes on the node decide' }),
          };
        }
      }
    }
  },
  fix: 'Remove create on persistentvolumes from everybody but the storage provisioner.',
  prove: 'Ask for access reviews; server-side dry run of the volume.',
});
