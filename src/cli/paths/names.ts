import { formatNode, type AttackNode } from '../../analysis/attack/nodes.ts';
import { podUnitsOf, type PodUnit } from '../../analysis/attack/facts/pod-units.ts';
import { at, records, text } from '../../model/json.ts';
import type { KindKey } from '../../model/object.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { didYouMean } from '../../model/suggest.ts';
import type { Io } from '../io.ts';

/** What a node names, and the names of that sort that were read. */
interface Naming {
  readonly what: string;
  readonly name: string;
  readonly known: readonly string[];
}

/** Says on stderr when a foothold or goal names what was not read, and what may have been meant. */
export function noteUnknownNames(nodes: readonly (AttackNode | undefined)[], snapshot: Snapshot, io: Io): void {
  for (const node of nodes) {
    const naming = node && namingOf(node, snapshot);
    if (!node || !naming || naming.known.length === 0 || naming.known.includes(naming.name)) continue;
    const meant = didYouMean(naming.name, naming.known);
    // A user or a group exists for the API server as soon as somebody comes with its name.
    if (node.kind === 'Identity' && meant === undefined) continue;
    const says = `${formatNode(node)}: no ${naming.what} ${naming.name} in what was read`;
    io.stderr.write(`note: ${says}.${meant === undefined ? '' : ` ${meant}`}\n`);
  }
}

function namingOf({ kind, namespace, name }: AttackNode, snapshot: Snapshot): Naming | undefined {
  const named = (of: KindKey): readonly string[] =>
    snapshot
      .list(of)
      .map(({ object: { metadata } }) =>
        metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`,
      );
  switch (kind) {
    case 'Shell':
    case 'Code':
    case 'Reach': {
      const all = podUnitsOf(snapshot);
      const container = kind === 'Code' ? namingOfContainer(all, `${namespace}/${name}`) : undefined;
      if (container) return container;
      const units = all.map((unit) => `${unit.namespace}/${unit.name}`);
      const pod = (name ?? '').replace(/[/:].*$/, '');
      return { what: 'pod or workload', name: `${namespace}/${pod}`, known: [...new Set([...units, ...named('Pod')])] };
    }
    case 'Token':
      return {
        what: 'service account',
        name: `${namespace}/${name}`,
        known: accounts(snapshot, named('ServiceAccount')),
      };
    case 'Secret':
      return snapshot.gaps(['Secret'], namespace).length > 0
        ? undefined
        : { what: 'Secret', name: `${namespace}/${name}`, known: named('Secret') };
    case 'Root':
    case 'HostRead':
    case 'NodeIdentity':
      return name === undefined ? undefined : { what: 'node', name, known: named('Node') };
    case 'NamespaceAdmin':
      return { what: 'namespace', name: namespace ?? '', known: namespaces(snapshot) };
    case 'Identity':
      return { what: 'subject of a binding', name: name ?? '', known: subjects(snapshot) };
    default:
      return undefined;
  }
}

/** The container, where its pod is named by its workload and is there. */
function namingOfContainer(units: readonly PodUnit[], name: string): Naming | undefined {
  const pod = name.slice(0, name.lastIndexOf('/'));
  const known = units.flatMap((unit) =>
    `${unit.namespace}/${unit.name}` === pod ? unit.containers.map(({ entry }) => `${pod}/${entry.name}`) : [],
  );
  return known.length === 0 ? undefined : { what: 'container', name, known };
}

/** Every namespace has a `default` account, written down or not. */
function accounts(snapshot: Snapshot, written: readonly string[]): readonly string[] {
  return [...written, ...namespaces(snapshot).map((namespace) => `${namespace}/default`)];
}

function namespaces(snapshot: Snapshot): readonly string[] {
  const used = snapshot.kinds().flatMap((kind) => snapshot.list(kind).map(({ object }) => object.metadata.namespace));
  const written = snapshot.list('Namespace').map(({ object }) => object.metadata.name);
  return [...new Set([...written, ...used.filter((name) => name !== undefined)])];
}

/** User names and `group:NAME`, as an Identity is written. */
function subjects(snapshot: Snapshot): readonly string[] {
  const bindings = ['RoleBinding', 'ClusterRoleBinding'].flatMap((kind) =>
    snapshot.list(`${kind}.rbac.authorization.k8s.io`),
  );
  return bindings.flatMap(({ object }) =>
    records(object['subjects']).flatMap(([, subject]) => {
      const name = text(subject['name']);
      const namespace = text(at(subject, 'namespace')) ?? object.metadata.namespace ?? 'default';
      if (name === undefined) return [];
      if (subject['kind'] === 'Group') return [`group:${name}`];
      return subject['kind'] === 'ServiceAccount' ? [`system:serviceaccount:${namespace}:${name}`] : [name];
    }),
  );
}
