import { stringMap } from '../../../../model/json.ts';
import { podTemplateOf, WORKLOAD_KINDS } from '../../../../model/pods.ts';
import type { Snapshot } from '../../../../model/snapshot.ts';
import { serviceAccountOf } from '../../inhabitants/mesh.ts';

/** Who runs in a snapshot: the values of labels, and the service accounts in use. Read once, when first asked for. */
export interface KnownValues {
  /** Every value of a label key of pods. */
  ofPods(key: string): Iterable<string>;
  /** Every value of a label key of namespaces. */
  ofNamespaces(key: string): Iterable<string>;
  /** Names of namespaces that have an object or hold pods. */
  namespaces(): readonly string[];
  serviceAccounts(): readonly { readonly namespace: string; readonly name: string }[];
}

export function knownValues(snapshot: Snapshot): KnownValues {
  let pods:
    | { labels: Map<string, Set<string>>; accounts: Map<string, { namespace: string; name: string }> }
    | undefined;
  const read = (): NonNullable<typeof pods> => {
    if (pods) return pods;
    pods = { labels: new Map(), accounts: new Map() };
    for (const kind of WORKLOAD_KINDS) {
      for (const { object } of snapshot.list(kind)) {
        const template = podTemplateOf(object);
        if (!template) continue;
        for (const [key, value] of Object.entries(template.labels)) add(pods.labels, key, value);
        const account = { namespace: object.metadata.namespace ?? 'default', name: serviceAccountOf(template.spec) };
        pods.accounts.set(`${account.namespace}/${account.name}`, account);
      }
    }
    return pods;
  };
  let namespaceLabels: Map<string, Set<string>> | undefined;
  return {
    ofPods: (key) => read().labels.get(key) ?? [],
    ofNamespaces(key) {
      if (!namespaceLabels) {
        namespaceLabels = new Map();
        for (const { object } of snapshot.list('Namespace')) {
          add(namespaceLabels, 'kubernetes.io/metadata.name', object.metadata.name);
          for (const [name, value] of Object.entries(stringMap(object.metadata.labels)))
            add(namespaceLabels, name, value);
        }
      }
      return namespaceLabels.get(key) ?? [];
    },
    namespaces: () => [
      ...new Set([
        ...snapshot.list('Namespace').map(({ object }) => object.metadata.name),
        ...[...read().accounts.values()].map(({ namespace }) => namespace),
      ]),
    ],
    serviceAccounts: () => [...read().accounts.values()],
  };
}

function add(into: Map<string, Set<string>>, key: string, value: string): void {
  const known = into.get(key);
  if (known) known.add(value);
  else into.set(key, new Set([value]));
}
