import { actions, may, rightsOn } from '../hops/actions.ts';
import { defineEdge, type Hop } from '../hops/define-edge.ts';
import { all } from '../hops/groups.ts';
import { CONTROLLERS } from '../hops/new-pods.ts';
import type { World } from '../world/world.ts';
import { byTheRight } from '../hops/hops.ts';

const MAKES_PODS = actions(['create'], ['pods', ...CONTROLLERS]);
const CLAIM = 'create persistentvolumeclaims';

export const persistentVolume = defineEdge({
  id: 'E14',
  title: 'a PersistentVolume of a host path, mounted through a claim that Pod Security does not see',
  technique: ['T1611'],
  cost: 2,
  from: [...MAKES_PODS, CLAIM],
  asks: ['create persistentvolumes'],
  *hops(right, world) {
    const volume = may('create persistentvolumes');
    if (right.name !== CLAIM) {
      for (const claim of rightsOn(CLAIM, right.namespace)) yield hostPath(right.namespace, world, [volume, claim]);
    } else if (right.namespace !== undefined) {
      for (const make of MAKES_PODS) yield hostPath(right.namespace, world, [volume, may(make)]);
    }
  },
  fix: 'Remove create on persistentvolumes from everybody but the storage provisioner.',
  prove: 'Ask for access reviews; server-side dry run of the volume.',
});

function hostPath(namespace: string | undefined, world: World, and: Hop['and'] & {}): Hop {
  const places = namespace === undefined ? world.accounts.namespaces() : [namespace];
  const asRoot = places.some((place) => world.admitsBeyond('restricted', place).holds === true);
  return {
    to: all('Root'),
    and,
    because: byTheRight,
    ...(asRoot ? {} : { open: 'pods may not run as root there: the file modes on the node decide' }),
  };
}
