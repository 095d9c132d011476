import { at, number, records, stringMap, text } from '../../../model/json.ts';
import { refOf, type KubernetesObject } from '../../../model/object.ts';
import { defineEdge, type Hop } from '../hops/define-edge.ts';
import { inSpec, IN_POD } from '../hops/hops.ts';
import type { KnownService } from '../facts/known-services.ts';
import { node } from '../nodes.ts';
import type { World } from '../world/world.ts';

export const poisonedImage = defineEdge({
  id: 'A6',
  title: 'push another image under a tag that pods pull',
  technique: ['T1525', 'T1195'],
  matrix: ['TA9002'],
  cost: 2,
  from: ['Reach', ...IN_POD],
  *hops(from, world) {
    const port = from.kind === 'Reach' ? Number(from.name?.split(':')[1]) : undefined;
    const container = from.kind === 'Code' ? from.name?.split('/')[1] : undefined;
    for (const registry of world.pods.at(from).flatMap((unit) => world.targets.servicesOf(unit))) {
      if (registry.program.edge !== 'A6' || (port ?? registry.port) !== registry.port) continue;
      if ((container ?? registry.container) === registry.container) yield* pullers(registry, world);
    }
  },
  fix: 'Let the registry ask for credentials, pin images by digest, and let a policy admit signed images only.',
  prove:
    'Compare the image of the container with the names of the registry; open one connection to it. Nothing is pushed.',
});

/** The containers whose next start pulls from a registry whatever its tag then means. */
function* pullers(registry: KnownService, world: World): Generator<Hop> {
  const hosts = namesOf(registry, world);
  if (hosts.size === 0) return;
  for (const unit of world.pods.running(/^[^/]+[.:][^/]*\//)) {
    for (const { entry } of unit.containers) {
      const image = text(entry.container['image']) ?? '';
      const service = hosts.get(image.slice(0, image.indexOf('/')));
      if (!service || image.includes('@sha256:')) continue;
      const policy = text(entry.container['imagePullPolicy']) ?? (isLatest(image) ? 'Always' : 'IfNotPresent');
      if (policy === 'Never') continue;
      yield {
        to: node('Code', `${unit.name}/${entry.name}`, unit.namespace),
        needs: [registry.unit.ref, unit.ref, refOf(service)],
        because: () => [
          inSpec(registry.unit, registry.path, registry.program.says),
          inSpec(unit, [...entry.path, 'image'], `container ${entry.name} pulls ${image} from it when it starts`),
        ],
        ...(policy === 'Always' ? {} : { open: 'a node that has the image already does not pull it again' }),
      };
    }
  }
}

function isLatest(image: string): boolean {
  const tag = /:([^:/]+)$/.exec(image)?.[1];
  return tag === undefined || tag === 'latest';
}

/** The names images of a registry begin with: those of its Services, with the port. */
function namesOf({ unit, port }: KnownService, world: World): ReadonlyMap<string, KubernetesObject> {
  const { labels } = unit.workload.template;
  const hosts = new Map<string, KubernetesObject>();
  for (const { object } of world.snapshot.list('Service')) {
    const { name, namespace = 'default' } = object.metadata;
    const selector = Object.entries(stringMap(at(object, 'spec', 'selector')));
    if (namespace !== unit.namespace || selector.length === 0) continue;
    if (!selector.every(([key, value]) => labels[key] === value)) continue;
    const addresses = [text(at(object, 'spec', 'clusterIP')) ?? 'None'].filter((address) => address !== 'None');
    const names = [`${name}.${namespace}`, `${name}.${namespace}.svc`, `${name}.${namespace}.svc.cluster.local`];
    for (const [, entry] of records(at(object, 'spec', 'ports'))) {
      const behind = entry['targetPort'] ?? entry['port'];
      if (behind !== port && typeof behind === 'number') continue;
      for (const host of [...names, ...addresses]) {
        hosts.set(`${host}:${number(entry['port']) ?? port}`, object);
        if (entry['port'] === 80 || entry['port'] === 443) hosts.set(host, object);
      }
      const nodePort = number(entry['nodePort']);
      if (nodePort !== undefined)
        for (const host of ['localhost', '127.0.0.1']) hosts.set(`${host}:${nodePort}`, object);
    }
  }
  return hosts;
}
