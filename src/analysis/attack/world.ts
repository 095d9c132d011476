import { becauseOfGap, type Because } from '../../model/because.ts';
import { at, text } from '../../model/json.ts';
import type { ObjectRef } from '../../model/object.ts';
import type { Gap, KubernetesVersion, Snapshot } from '../../model/snapshot.ts';
import { NEWEST_KUBERNETES } from '../../model/version.ts';
import { requesterOf, serviceAccountUser } from '../access/subjects.ts';
import type { Requester } from '../access/types.ts';
import { node, type AttackNode } from './nodes.ts';
import { permissions, resource, type HeldRule, type Permission } from './permissions.ts';
import { secretsOf, type PodUnit } from './pod-units.ts';

/** A fact that may be left open by what was read. */
export interface Fact {
  readonly holds: boolean | 'unknown';
  readonly because: readonly Because[];
}

/** What the attack graph asks of the other analyses. */
export interface Engines {
  /** Every rule a requester holds, cluster-wide and in every namespace. */
  rulesOf(requester: Requester): readonly HeldRule[];
  /** Users, groups and service accounts that some binding names. */
  readonly subjects: readonly AttackNode[];
  /** Whether a connection from one pod reaches a port of another under all policies. */
  reaches(from: PodUnit, to: PodUnit, port: number): Fact;
  /** Whether a pod's packets reach the API server. */
  reachesApi(from: PodUnit): Fact;
  /** Pods that outsiders can connect to. */
  readonly exposed: readonly Exposed[];
}

/** That a way from outside leads to ports of a pod, and policies let packets through. */
export interface Exposed {
  readonly unit: PodUnit;
  /** The object that opens the way. */
  readonly by: ObjectRef;
  admits(port: number): boolean;
  readonly because: readonly Because[];
  readonly open?: string;
}

/** A principal with what lets it act. */
export interface Actor {
  readonly principal: AttackNode;
  readonly permission: Permission;
}

/** A port of a pod behind which a known hole gives code execution. */
export interface Weakness {
  readonly unit: PodUnit;
  readonly container: string;
  readonly port: number;
  readonly because: readonly Because[];
  readonly open?: string;
}

export interface WorldFacts {
  readonly snapshot: Snapshot;
  readonly engines: Engines;
  readonly units: readonly PodUnit[];
  readonly weaknesses: readonly Weakness[];
  /** Reach nodes somebody asks about, though no weakness may be known behind them. */
  readonly asked: readonly AttackNode[];
}

/** All facts the edges ask for, indexed once. Pure: the snapshot and the engines' answers are all there is. */
export class World {
  readonly snapshot: Snapshot;
  readonly engines: Engines;
  readonly version: KubernetesVersion;
  readonly units: readonly PodUnit[];
  readonly weaknesses: readonly Weakness[];
  readonly #targets: readonly { readonly unit: PodUnit; readonly port: number }[];
  readonly #byName = new Map<string, PodUnit[]>();
  readonly #byNamespace: Map<string, PodUnit[]>;
  readonly #byNode = new Map<string, PodUnit[]>();
  readonly #actors = new Map<string, readonly Actor[]>();
  readonly #rules = new Map<string, readonly HeldRule[]>();

  constructor({ snapshot, engines, units, weaknesses, asked }: WorldFacts) {
    this.snapshot = snapshot;
    this.engines = engines;
    this.version = snapshot.kubernetesVersion ?? NEWEST_KUBERNETES;
    this.units = units;
    this.weaknesses = weaknesses;
    this.#byNamespace = Map.groupBy(this.units, (unit) => unit.namespace);
    for (const unit of this.units) {
      const names = [unit.name, ...unit.workload.pods.map(({ object }) => object.metadata.name)];
      for (const name of new Set(names)) push(this.#byName, `${unit.namespace}/${name}`, unit);
      for (const name of unit.nodes.length === 0 ? [ANY_NODE] : unit.nodes) push(this.#byNode, name, unit);
    }
    const wanted = asked
      .filter(({ kind }) => kind === 'Reach')
      .flatMap((one) => this.unitsAt(one).map((unit) => ({ unit, port: Number(one.name?.split(':')[1]) })));
    this.#targets = [...weaknesses.map(({ unit, port }) => ({ unit, port })), ...wanted];
  }

  /** The pods a Shell, Code or Reach node speaks of, named by the pod or by the workload that owns it. */
  unitsAt({ namespace, name }: AttackNode): readonly PodUnit[] {
    const pod = name?.replace(/[/:].*$/, '') ?? '';
    return this.#byName.get(`${namespace ?? ''}/${pod}`) ?? [];
  }

  unitsIn(namespace: string | undefined): readonly PodUnit[] {
    return namespace === undefined ? this.units : (this.#byNamespace.get(namespace) ?? []);
  }

  /** The pods on a node; of the node nobody knows the name of, those that may be anywhere. */
  unitsOn(nodeName: string | undefined): readonly PodUnit[] {
    return this.#byNode.get(nodeName ?? ANY_NODE) ?? [];
  }

  /** Names of all nodes; one undefined entry when none is known, standing for some node. */
  get nodeNames(): readonly (string | undefined)[] {
    const listed = this.snapshot.list('Node').map(({ object }) => object.metadata.name);
    const names = new Set([...listed, ...[...this.#byNode.keys()].filter((name) => name !== ANY_NODE)]);
    return names.size > 0 ? [...names].sort() : [undefined];
  }

  namespaces(): readonly string[] {
    const listed = this.snapshot.list('Namespace').map(({ object }) => object.metadata.name);
    const accounts = this.snapshot.list('ServiceAccount').map(({ object }) => object.metadata.namespace ?? 'default');
    return [...new Set([...listed, ...accounts, ...this.#byNamespace.keys()])].sort();
  }

  /** Service accounts of a namespace (or of all): those given, those pods use, and `default`. */
  accountsIn(namespace: string | undefined): readonly { readonly namespace: string; readonly name: string }[] {
    const found = new Map<string, { readonly namespace: string; readonly name: string }>();
    const add = (account: { readonly namespace: string; readonly name: string }): void => {
      if (namespace === undefined || account.namespace === namespace)
        found.set(`${account.namespace}/${account.name}`, account);
    };
    for (const name of namespace === undefined ? this.namespaces() : [namespace])
      add({ namespace: name, name: 'default' });
    for (const { object } of this.snapshot.list('ServiceAccount'))
      add({ namespace: object.metadata.namespace ?? 'default', name: object.metadata.name });
    for (const unit of this.unitsIn(namespace)) add({ namespace: unit.namespace, name: unit.serviceAccount });
    for (const subject of this.engines.subjects) {
      const account = subject.kind === 'Token' ? subject : undefined;
      if (account?.namespace !== undefined && account.name !== undefined)
        add({ namespace: account.namespace, name: account.name });
    }
    return [...found.values()];
  }

  /** Names of the Secrets of a namespace (or of all): those given and those pods refer to. */
  secretsIn(namespace: string | undefined): readonly { readonly namespace: string; readonly name: string }[] {
    const found = new Map<string, { readonly namespace: string; readonly name: string }>();
    for (const { object } of this.snapshot.list('Secret')) {
      const own = object.metadata.namespace ?? 'default';
      if (namespace === undefined || own === namespace)
        found.set(`${own}/${object.metadata.name}`, { namespace: own, name: object.metadata.name });
    }
    for (const unit of this.unitsIn(namespace)) {
      for (const name of secretsOf(unit)) found.set(`${unit.namespace}/${name}`, { namespace: unit.namespace, name });
    }
    return [...found.values()];
  }

  /** What the holder of a node may do on the API. Stations stand for everything in their scope. */
  rulesOf(principal: AttackNode): readonly HeldRule[] {
    if (principal.kind === 'ClusterAdmin') return [{ namespace: undefined, rule: EVERYTHING, index: 0 }];
    if (principal.kind === 'NamespaceAdmin') return [{ namespace: principal.namespace, rule: EVERYTHING, index: 0 }];
    const requester = requesterAt(principal);
    if (!requester) return [];
    const key = `${principal.kind}:${principal.name}`;
    let rules = this.#rules.get(key);
    if (!rules) this.#rules.set(key, (rules = this.engines.rulesOf(requester)));
    return rules;
  }

  /** Every permission of a principal for a verb on a resource written `pods/exec` or `deployments.apps`. */
  may(principal: AttackNode, verb: string, what: string): readonly Permission[] {
    return permissions(this.rulesOf(principal), verb, resource(what));
  }

  /**
   * Whether pods beyond a level of the Pod Security Standards get into a namespace, as its labels say. Without a
   * label everything gets in: a cluster-wide default set on the API server is not in any source.
   */
  admitsBeyond(level: 'baseline' | 'restricted', namespace: string): Fact {
    const gap = this.snapshot.gaps(['Namespace'], namespace)[0];
    const object = this.snapshot.get('Namespace', undefined, namespace)?.object;
    if (!object && gap) return { holds: 'unknown', because: [becauseOfGap(gap)] };
    const enforced = text(at(object, 'metadata', 'labels', 'pod-security.kubernetes.io/enforce')) ?? 'privileged';
    const refused =
      level === 'baseline' ? enforced === 'baseline' || enforced === 'restricted' : enforced === 'restricted';
    return {
      holds: !refused,
      because: [
        {
          kind: 'field',
          object: { apiVersion: 'v1', kind: 'Namespace', name: namespace },
          path: `metadata.labels['pod-security.kubernetes.io/enforce']`,
          value: enforced,
          says: refused
            ? `namespace ${namespace} enforces Pod Security ${enforced}`
            : `namespace ${namespace} lets pods beyond ${level} in`,
        },
      ],
    };
  }

  /** Who may read the logs of pods in a namespace; one entry a principal. */
  logReaders(namespace: string): readonly Actor[] {
    return this.actors('get', 'pods/log', namespace);
  }

  /** Every subject of a binding that may use a verb on a resource in a namespace (undefined: in the whole cluster). */
  actors(verb: string, what: string, namespace: string | undefined): readonly Actor[] {
    const key = `${verb} ${what} ${namespace ?? ''}`;
    let found = this.#actors.get(key);
    if (!found) {
      found = this.principals().flatMap((principal) => {
        const permission = this.may(principal, verb, what).find(
          (one) => one.namespace === undefined || one.namespace === namespace,
        );
        return permission ? [{ principal, permission }] : [];
      });
      this.#actors.set(key, found);
    }
    return found;
  }

  /** Who may take a NetworkPolicy of a namespace away, or make it admit others. */
  policyWriters(namespace: string): readonly Actor[] {
    const verbs = ['delete', 'deletecollection', 'update', 'patch', 'create'];
    const all = verbs.flatMap((verb) => this.actors(verb, 'networkpolicies.networking.k8s.io', namespace));
    return [...new Map(all.map((actor) => [actor.principal, actor])).values()];
  }

  /** Names a rule may limit itself to when it means pods of this workload: none but those of live pods and bare ones. */
  podNames(unit: PodUnit): readonly string[] {
    return unit.ref.kind === 'Pod' ? [unit.name] : unit.workload.pods.map(({ object }) => object.metadata.name);
  }

  /** Ports of pods worth reaching: those with a known hole behind them, and those somebody asks about. */
  targets(): readonly { readonly unit: PodUnit; readonly port: number }[] {
    return this.#targets;
  }

  /** The subjects of bindings as the nodes an intruder holds when they act: a service account's token is its user. */
  principals(): readonly AttackNode[] {
    return this.engines.subjects.map((subject) =>
      subject.kind === 'Token' ? identityOfAccount(subject.namespace ?? '', subject.name ?? '') : subject,
    );
  }

  gaps(kinds: readonly string[]): readonly Gap[] {
    return this.snapshot.gaps(kinds);
  }
}

const ANY_NODE = '\u0000any';

const EVERYTHING = { verbs: ['*'], apiGroups: ['*'], resources: ['*'], resourceNames: [], nonResourceURLs: ['*'] };

/** The requester an identity is on the API; undefined for nodes that are none. */
export function requesterAt({ kind, name }: AttackNode): Requester | undefined {
  if (name === undefined) return undefined;
  if (kind === 'NodeIdentity') return { user: `system:node:${name}`, groups: ['system:nodes', 'system:authenticated'] };
  if (kind !== 'Identity') return undefined;
  if (name.startsWith('group:')) {
    const group = name.slice('group:'.length);
    return { user: '', groups: group === 'system:unauthenticated' ? [group] : [group, 'system:authenticated'] };
  }
  return requesterOf(name);
}

/** The Identity a service account's token makes its holder. */
export function identityOfAccount(namespace: string, name: string): AttackNode {
  return node('Identity', serviceAccountUser({ namespace, name }));
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const known = map.get(key);
  if (known) known.push(value);
  else map.set(key, [value]);
}
