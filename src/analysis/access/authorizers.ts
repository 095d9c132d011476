import type { Because } from '../../model/because.ts';
import { at, records, strings, text } from '../../model/json.ts';
import { formatRef, refOf, type KubernetesObject } from '../../model/object.ts';
import { isFromFiles, type Snapshot } from '../../model/snapshot.ts';

/** What is known of the API server's list of authorizers, besides Node and RBAC. */
export interface Authorizers {
  /** One reason for each authorizer whose answers can't be computed from objects. */
  readonly others: readonly Because[];
  /** Signs that every request is allowed (`AlwaysAllow`). */
  readonly everything: readonly Because[];
  /** What the reader should know where nothing is known. */
  readonly notes: readonly string[];
}

/**
 * Looks for signs of authorizers that no object of the cluster describes: the flags of a kube-apiserver pod, an
 * AuthorizationConfiguration, and the marks of managed clusters that ask their cloud as well. Without a sign, Node and
 * RBAC are taken to be all; for a live cluster a note says so.
 */
export function findAuthorizers(snapshot: Snapshot): Authorizers {
  const configured = [...fromConfiguration(snapshot), ...fromFlags(snapshot)];
  const others = [...configured.flatMap(({ other }) => other), ...fromCloud(snapshot)];
  const everything = configured.flatMap(({ always }) => always);
  const seen = configured.length > 0 || isFromFiles(snapshot) || snapshot.source.kind === 'lab';
  return { others, everything, notes: seen || others.length > 0 ? [] : [NOT_SEEN] };
}

const NOT_SEEN =
  'which authorizers the API server asks can not be read from objects; access is judged by Node and RBAC, a SubjectAccessReview settles it';

interface Configured {
  readonly other: readonly Because[];
  readonly always: readonly Because[];
}

function fromConfiguration(snapshot: Snapshot): readonly Configured[] {
  return snapshot.list('AuthorizationConfiguration.apiserver.config.k8s.io').map(({ object }) => ({
    always: [],
    other: records(object['authorizers']).flatMap(([index, entry]): Because[] => {
      const type = text(entry['type']) ?? '';
      if (type === 'Node' || type === 'RBAC') return [];
      const says = `the API server also asks a ${type} authorizer${text(entry['name']) ? ` (${text(entry['name'])})` : ''}`;
      return [{ kind: 'field', object: refOf(object), path: `authorizers[${index}]`, value: type, says }];
    }),
  }));
}

function fromFlags(snapshot: Snapshot): readonly Configured[] {
  return snapshot
    .list('Pod')
    .filter(({ object }) => object.metadata.namespace === 'kube-system')
    .flatMap(({ object }) =>
      records(at(object, 'spec', 'containers')).flatMap(([index, container]): Configured[] => {
        const words = [...strings(container['command']), ...strings(container['args'])];
        return /(^|\/)kube-apiserver$/.test(words[0] ?? '') ? [fromFlag(object, index, words)] : [];
      }),
    );
}

/** The default of `--authorization-mode` is AlwaysAllow; `--authorization-config` names a file we don't see. */
function fromFlag(object: KubernetesObject, container: number, words: readonly string[]): Configured {
  const flag =
    words.findLast((word) => /^--authorization-(mode|config)=/.test(word)) ?? '--authorization-mode=AlwaysAllow';
  const [name, value = ''] = flag.split('=');
  const modes = name === '--authorization-mode' ? value.split(',') : ['a configuration file'];
  const because = (mode: string): Because => ({
    kind: 'field',
    object: refOf(object),
    path: `spec.containers[${container}]`,
    value: flag,
    says: `${formatRef(refOf(object))} also asks: ${mode}`,
  });
  return {
    always: modes.filter((mode) => mode === 'AlwaysAllow').map(because),
    other: modes.filter((mode) => !['Node', 'RBAC', 'AlwaysDeny', 'AlwaysAllow'].includes(mode)).map(because),
  };
}

const CLOUDS: readonly { readonly name: string; readonly asks: string; readonly mark: RegExp }[] = [
  { name: 'GKE', asks: 'IAM of Google Cloud', mark: /-gke\.|^cloud\.google\.com\/gke-/ },
  { name: 'EKS', asks: 'its access entries', mark: /-eks-|^eks\.amazonaws\.com\// },
  { name: 'AKS', asks: 'Azure RBAC', mark: /^kubernetes\.azure\.com\// },
];

function fromCloud(snapshot: Snapshot): readonly Because[] {
  const found = new Map<string, Because>();
  for (const { object } of snapshot.list('Node')) {
    const version = text(at(object, 'status', 'nodeInfo', 'kubeletVersion')) ?? '';
    const marks = [version, ...Object.keys(object.metadata.labels ?? {})];
    for (const { name, asks, mark } of CLOUDS) {
      const value = marks.find((text) => mark.test(text));
      if (value === undefined || found.has(name)) continue;
      const says = `this is ${name}, whose API server may also ask ${asks}`;
      found.set(name, { kind: 'field', object: refOf(object), path: 'metadata.labels', value, says });
    }
  }
  return [...found.values()];
}
