import { at, records, stringMap, text } from '../../../model/json.ts';
import { refOf } from '../../../model/object.ts';
import { decoded } from '../facts/certificate-subject.ts';
import { credentialsIn } from '../facts/credentials.ts';
import { actions } from '../hops/actions.ts';
import { defineEdge, type Hop } from '../hops/define-edge.ts';
import { containersAt, IN_POD } from '../hops/hops.ts';
import type { AttackNode } from '../nodes.ts';
import { volumeOf, type ContainerFacts, type PodUnit } from '../facts/pod-units.ts';
import type { FoundCredential } from '../world/credential-index.ts';
import type { World } from '../world/world.ts';

export const plainCredentials = defineEdge({
  id: 'D11',
  title: 'credentials in a ConfigMap, a Secret or the environment of a container',
  technique: ['T1552.001'],
  matrix: ['TA9027'],
  cost: 1,
  from: [...IN_POD, 'Secret', ...actions(['get', 'list', 'watch'], ['configmaps', 'pods'])],
  *hops(from, world) {
    if (from.kind === 'Secret') yield* inSecret(from, world);
    else if (from.kind !== 'May') yield* seenInPod(from, world);
    else if (from.name?.endsWith(' configmaps') === true) {
      for (const found of world.credentials.configMaps()) if (isUnder(from, found.in)) yield hopTo(found);
    } else {
      for (const [unit, own] of world.credentials.environments()) {
        const names = [unit.name, ...unit.workload.pods.map(({ object }) => object.metadata.name)];
        const named = names.some((name) => isUnder(from, { namespace: unit.namespace, name }));
        if (named) for (const found of own) yield hopTo(found);
      }
    }
  },
  fix: 'Move the credential into a Secret of its own, revoke the one that was readable, and use tokens that expire.',
  prove: 'Ask for an access review of get on the object; the credential is not used.',
});

function* seenInPod(from: AttackNode, world: World): Generator<Hop> {
  const maps = world.credentials.configMaps();
  for (const { unit, container } of containersAt(from, world)) {
    const own = world.credentials.environments().get(unit) ?? [];
    for (const found of own) if (found.path.endsWith(` ${container.entry.name}`)) yield hopTo(found);
    if (maps.length === 0) continue;
    const seen = new Set(configMapsSeenBy(unit, container));
    for (const found of maps) {
      if (found.in.namespace === unit.namespace && seen.has(found.in.name))
        yield { ...hopTo(found), needs: [unit.ref, found.in] };
    }
  }
}

/** What a Secret holds that is itself a credential, where its contents are given; those of tokens are another hop, see D3. */
function* inSecret({ namespace, name = '' }: AttackNode, world: World): Generator<Hop> {
  const object = world.snapshot.get('Secret', namespace, name)?.object;
  if (!object || object['type'] === 'kubernetes.io/service-account-token') return;
  const texts = [
    ...Object.values(stringMap(object['data'])).map(decoded),
    ...Object.values(stringMap(object['stringData'])),
  ];
  for (const found of credentialsIn(texts)) yield hopTo({ ...found, in: refOf(object), path: 'data' });
}

function hopTo({ gives, in: object, path, says, open }: FoundCredential): Hop {
  return {
    to: gives,
    needs: [object],
    because: () => [{ kind: 'field', object, path, says: `${says} stands there for everybody who may read it` }],
    ...(open === undefined ? {} : { open }),
  };
}

function isUnder(
  right: AttackNode,
  { namespace, name }: { readonly namespace?: string; readonly name: string },
): boolean {
  return (right.namespace ?? namespace) === namespace && (right.object ?? name) === name;
}

function configMapsSeenBy(unit: PodUnit, { entry, mounts }: ContainerFacts): readonly string[] {
  const names = mounts.flatMap(({ volume }) => {
    const source = volumeOf(unit, volume);
    const projected = records(at(source, 'projected', 'sources')).map(([, one]) => at(one, 'configMap', 'name'));
    return [at(source, 'configMap', 'name'), ...projected];
  });
  const keys = records(entry.container['env']).map(([, one]) => at(one, 'valueFrom', 'configMapKeyRef', 'name'));
  const whole = records(entry.container['envFrom']).map(([, one]) => at(one, 'configMapRef', 'name'));
  return [...names, ...keys, ...whole].flatMap((name) => text(name) ?? []);
}
