import { openScenes, type PathHop, type Sighting } from '../../../analysis/attack/index.ts';
import type { AttackNode } from '../../../analysis/attack/nodes.ts';
import type { World } from '../../../analysis/attack/world/world.ts';
import { memoised } from '../../../model/memoised.ts';
import { refId, refOf, type KubernetesObject } from '../../../model/object.ts';
import { contentsOf, createSnapshot, type Snapshot } from '../../../model/snapshot.ts';
import type { LivePod } from '../live-pods.ts';
import { lookInside } from './inside.ts';
import type { CheckOf, LiveScene } from './live-scene.ts';

/** Asks the edges of hops again, about pods as they run. */
export function podLooker(scene: LiveScene): (check: CheckOf<'pod'>, hop: PathHop) => Promise<Sighting> {
  const { context, snapshot, podOf, now, unknown } = scene;
  const worldOf = memoised((pod: LivePod) => worldWith(pod, snapshot));
  return async ({ unit }, hop) => {
    const pod = await podOf(unit);
    if (!pod) return unknown('pod', `no running pod of ${unit.namespace}/${unit.name}`);
    const there = Array.from(hop.edge.hops({ ...hop.from, name: nameIn(hop, pod) }, worldOf(pod)));
    const same = there.some(({ to }) => isSame(to, hop.to, { [pod.name]: unit.name }));
    const inside = same ? await lookInside(hop, pod, context.cluster, context.signal) : undefined;
    const holds = same && inside?.holds !== false;
    const says = [
      `the running pod ${pod.namespace}/${pod.name} ${holds ? 'is as the path says' : 'is not as the path says'}: ${hop.because[0]?.says ?? hop.edge.title}`,
      ...(inside ? [inside.says] : []),
    ].join('; ');
    return { check: 'pod', verdict: holds ? 'proven' : 'refuted', says, at: now() };
  };
}

/** The world as it was read, but with this pod as it runs now, standing for itself. */
function worldWith(pod: LivePod, snapshot: Snapshot): World {
  const { ownerReferences: _owners, ...metadata } = pod.object.metadata;
  const contents = contentsOf(snapshot);
  const isThis = (object: KubernetesObject): boolean =>
    object.kind === 'Pod' && refId(refOf(object)) === refId(refOf(pod.object));
  const others = contents.resources.filter(({ object }) => !isThis(object));
  const seen = createSnapshot({ ...contents, resources: [...others, { object: { ...pod.object, metadata } }] });
  return openScenes(seen).sceneFor().world;
}

/** Whether a hop gives what a path says it gives, on whichever node; pods go by the names of their workloads there. */
function isSame(given: AttackNode, wanted: AttackNode, workloadOf: Readonly<Record<string, string>>): boolean {
  if (given.kind === 'All' || wanted.name === undefined || HOSTS.has(wanted.kind))
    return given.kind === 'All' || given.kind === wanted.kind;
  const [pod = '', ...rest] = (given.name ?? '').split('/');
  const name = [workloadOf[pod] ?? pod, ...rest].join('/');
  return given.kind === wanted.kind && given.namespace === wanted.namespace && wanted.name === name;
}

const HOSTS: ReadonlySet<string> = new Set(['Root', 'HostRead', 'NodeIdentity']);

/** The place of the intruder, in the pod that runs. */
function nameIn({ from }: PathHop, pod: LivePod): string {
  return (from.name ?? '').replace(/^[^/:]*/, pod.name);
}
