import { NETWORK_POLICY } from '../../../model/policy-kinds.ts';
import type { Labels } from '../../../model/selectors.ts';
import { stringMap } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import { changedPart } from '../changed-part.ts';

export interface NetworkNamespace {
  readonly name: string;
  readonly labels: Labels;
  /** False when the Namespace could not be read: only its name label is known then. */
  readonly labelsKnown: boolean;
}

const NAME_LABEL = 'kubernetes.io/metadata.name';

/** Every namespace that has an object, pods or a policy. Those that are as they were `earlier` are the same objects. */
export function readNamespaces(
  snapshot: Snapshot,
  workloads: readonly { readonly namespace: string }[],
  earlier?: ReadonlyMap<string, NetworkNamespace>,
): ReadonlyMap<string, NetworkNamespace> {
  const namespaces = new Map<string, NetworkNamespace>();
  const add = (namespace: NetworkNamespace): void => {
    const old = earlier?.get(namespace.name);
    namespaces.set(namespace.name, old && isSameNamespace(old, namespace) ? old : namespace);
  };
  for (const { object } of snapshot.list('Namespace')) add(readNamespace(object));
  const labelsKnown = snapshot.gaps(['Namespace']).length === 0;
  // A namespace that is only mentioned has at least the label every namespace has.
  const mention = (name: string): void => {
    if (!namespaces.has(name)) add({ name, labels: { [NAME_LABEL]: name }, labelsKnown });
  };
  for (const workload of workloads) mention(workload.namespace);
  for (const { object } of snapshot.list(NETWORK_POLICY)) mention(object.metadata.namespace ?? 'default');
  return namespaces;
}

/** The namespaces after a change of Namespace objects, of which only those that changed are looked at; undefined where some come or go. */
export function changeNamespaces(
  earlier: ReadonlyMap<string, NetworkNamespace>,
  before: Snapshot,
  after: Snapshot,
): ReadonlyMap<string, NetworkNamespace> | undefined {
  const { same, removed, added } = changedPart(before.list('Namespace'), after.list('Namespace'));
  if (same) return earlier;
  const names = new Set(removed.map(({ object }) => object.metadata.name));
  if (added.length !== removed.length || !added.every(({ object }) => names.has(object.metadata.name)))
    return undefined;
  const namespaces = new Map(earlier);
  for (const { object } of added) {
    const old = earlier.get(object.metadata.name);
    const read = readNamespace(object);
    if (!old || !isSameNamespace(old, read)) namespaces.set(read.name, read);
  }
  return namespaces;
}

function readNamespace({ metadata: { name, labels } }: KubernetesObject): NetworkNamespace {
  return { name, labels: { ...stringMap(labels), [NAME_LABEL]: name }, labelsKnown: true };
}

function isSameNamespace(a: NetworkNamespace, b: NetworkNamespace): boolean {
  const keys = Object.keys(a.labels);
  return (
    a.labelsKnown === b.labelsKnown &&
    keys.length === Object.keys(b.labels).length &&
    keys.every((key) => a.labels[key] === b.labels[key])
  );
}
