import { at, number, record, text } from '../../../model/json.ts';
import { containersOf } from '../../../model/pods.ts';
import { node, type AttackNode } from '../nodes.ts';
import { onlyOn, type PodUnit } from '../facts/pod-units.ts';
import { once, push } from './once.ts';

/** The pods of a cluster, found by what edges ask for. Each index is built when it is first used. */
export interface PodIndex {
  all(): readonly PodUnit[];
  /** The pods a Shell, Code or Reach node speaks of, named by the pod or by the workload that owns it. */
  at(node: AttackNode): readonly PodUnit[];
  /** Pods of a namespace; of all with undefined. */
  in(namespace: string | undefined): readonly PodUnit[];
  /** Workloads of a namespace that have no pods before somebody asks for some. */
  dormantIn(namespace: string): readonly PodUnit[];
  /** Pods of this very name, not of a workload of this name: what a right limited to a name is about. */
  named(name: string, namespace: string): readonly PodUnit[];
  /** The pods that controllers of a resource (`deployments.apps`) make. */
  madeBy(resource: string): readonly PodUnit[];
  /** The pods with a container whose image matches. Images are few where pods are many. */
  running(image: RegExp): readonly PodUnit[];
  /** The pods bound to a node by name. */
  on(node: string | undefined): readonly PodUnit[];
  /** Names of the nodes that pods are bound to. */
  nodes(): Iterable<string>;
  /** Pods without a node of their own: the scheduler may put them on any that takes pods. */
  floating(): readonly PodUnit[];
}

const NONE: readonly PodUnit[] = [];
const MOST_PROMISED = 100;
const ON_NODES = new WeakMap<PodUnit, Map<string, PodUnit>>();

/** The pods of units that are on one node, as units; all of them with undefined. */
function onNode(units: readonly PodUnit[], name: string | undefined): readonly PodUnit[] {
  if (name === undefined) return units;
  return units.map((unit) => {
    let known = ON_NODES.get(unit);
    if (!known) ON_NODES.set(unit, (known = new Map()));
    let found = known.get(name);
    if (!found) known.set(name, (found = onlyOn(unit, name)));
    return found;
  });
}

/** The names of the pods that are there; of a StatefulSet without pods the names they will have. */
export function podNames({ ref, workload }: PodUnit): readonly string[] {
  if (workload.pods.length > 0 || ref.kind !== 'StatefulSet')
    return workload.pods.map(({ object }) => object.metadata.name);
  const spec = record(workload.writtenIn.object['spec']);
  const start = number(at(spec, 'ordinals', 'start')) ?? 0;
  const replicas = Math.min(number(spec['replicas']) ?? 1, MOST_PROMISED);
  return Array.from({ length: Math.max(replicas, 0) }, (_, nth) => `${ref.name}-${start + nth}`);
}

export function podIndex(everyUnit: readonly PodUnit[]): PodIndex {
  // Who writes a workload may ask for pods where there are none, and somebody may begin in one.
  const units = everyUnit.filter(({ dormant }) => !dormant);
  const byName = once(() => {
    const found = new Map<string, PodUnit[]>();
    for (const unit of everyUnit) {
      push(found, `${unit.namespace}/${unit.name}`, unit);
      for (const name of podNames(unit)) if (name !== unit.name) push(found, `${unit.namespace}/${name}`, unit);
    }
    return found;
  });
  const byNamespace = once(() => Map.groupBy(units, ({ namespace }) => namespace));
  const byKind = once(() => Map.groupBy(everyUnit, ({ ref }) => `${ref.kind.toLowerCase()}s`));
  const byNode = once(() => {
    const found = new Map<string, PodUnit[]>();
    for (const unit of units) for (const name of unit.nodes) push(found, name, unit);
    return found;
  });
  const byImage = once(() => {
    const found = new Map<string, PodUnit[]>();
    for (const unit of units) {
      // Not by `unit.containers`: what they may do is worked out for few.
      const images = new Set(containersOf(unit.spec).map(({ container }) => text(container['image']) ?? ''));
      for (const image of images) push(found, image, unit);
    }
    return found;
  });
  const dormant = once(() =>
    Map.groupBy(
      everyUnit.filter((unit) => unit.dormant),
      ({ namespace }) => namespace,
    ),
  );
  const floating = once(() => units.filter((unit) => unit.floating));
  return {
    all: () => units,
    at: ({ namespace, name = '', object }) =>
      onNode(byName().get(`${namespace ?? ''}/${name.replace(/[/:].*$/, '')}`) ?? NONE, object),
    in: (namespace) => (namespace === undefined ? units : (byNamespace().get(namespace) ?? NONE)),
    dormantIn: (namespace) => dormant().get(namespace) ?? NONE,
    named: (name, namespace) =>
      (byName().get(`${namespace}/${name}`) ?? NONE).filter(
        (unit) => (unit.ref.kind === 'Pod' && unit.ref.name === name) || podNames(unit).includes(name),
      ),
    madeBy: (resource) => byKind().get(resource.split('.')[0] ?? '') ?? NONE,
    running(image) {
      const matching = [...byImage()].filter(([name]) => image.test(name));
      return [...new Set(matching.flatMap(([, some]) => some))];
    },
    on: (node) => (node === undefined ? NONE : (byNode().get(node) ?? NONE)),
    nodes: () => byNode().keys(),
    floating,
  };
}

/** What a change does to the pods. */
export interface PodEdit {
  readonly gone: ReadonlySet<PodUnit>;
  readonly added: readonly PodUnit[];
}

/** The index of other pods made from one of nearly the same: it costs the pods that differ. */
export function podIndexAfter(before: PodIndex, { gone, added }: PodEdit): PodIndex {
  const more = podIndex(added);
  const kept = (found: readonly PodUnit[]): readonly PodUnit[] =>
    found.some((unit) => gone.has(unit)) ? found.filter((unit) => !gone.has(unit)) : found;
  const both = (look: (index: PodIndex) => readonly PodUnit[]): readonly PodUnit[] => {
    const others = look(more);
    const found = kept(look(before));
    return others.length === 0 ? found : [...found, ...others];
  };
  const all = once(() => both((index) => index.all()));
  const on = (name: string | undefined): readonly PodUnit[] => both((index) => index.on(name));
  return {
    all,
    at: ({ kind, namespace, name, object }) =>
      onNode(
        both((index) => index.at(node(kind, name, namespace))),
        object,
      ),
    in: (namespace) => (namespace === undefined ? all() : both((index) => index.in(namespace))),
    dormantIn: (namespace) => both((index) => index.dormantIn(namespace)),
    named: (name, namespace) => both((index) => index.named(name, namespace)),
    madeBy: (resource) => both((index) => index.madeBy(resource)),
    running: (image) => both((index) => index.running(image)),
    on,
    nodes: () => [...new Set([...before.nodes(), ...more.nodes()])].filter((name) => on(name).length > 0),
    floating: once(() => both((index) => index.floating())),
  };
}
