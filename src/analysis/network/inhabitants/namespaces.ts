import type { Labels } from '../../../model/selectors.ts';
import { stringMap } from '../../../model/json.ts';
import type { Snapshot } from '../../../model/snapshot.ts';

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
  for (const { object } of snapshot.list('Namespace')) {
    const { name } = object.metadata;
    add({ name, labels: { ...stringMap(object.metadata.labels), [NAME_LABEL]: name }, labelsKnown: true });
  }
  const labelsKnown = snapshot.gaps(['Namespace']).length === 0;
  // A namespace that is only mentioned has at least the label every namespace has.
  const mention = (name: string): void => {
    if (!namespaces.has(name)) add({ name, labels: { [NAME_LABEL]: name }, labelsKnown });
  };
  for (const workload of workloads) mention(workload.namespace);
  for (const { object } of snapshot.list('NetworkPolicy.networking.k8s.io'))
    mention(object.metadata.namespace ?? 'default');
  return namespaces;
}

function isSameNamespace(a: NetworkNamespace, b: NetworkNamespace): boolean {
  const keys = Object.keys(a.labels);
  return (
    a.labelsKnown === b.labelsKnown &&
    keys.length === Object.keys(b.labels).length &&
    keys.every((key) => a.labels[key] === b.labels[key])
  );
}
