import { becauseOfGap, type Because } from '../../model/because.ts';
import { at, text } from '../../model/json.ts';
import type { ObjectRef } from '../../model/object.ts';
import type { Gap, KubernetesVersion, Resource, Snapshot } from '../../model/snapshot.ts';
import { NEWEST_KUBERNETES } from '../../model/version.ts';
import { admissionGuards } from './admission-guards.ts';
import type { ActionTable } from './actions.ts';
import type { CompiledRole } from '../access/objects.ts';
import type { AccessFacts, BoundRole, HeldRole } from './access-facts.ts';
import type { NetworkFacts } from './network-facts.ts';
import { knownServices, type KnownService } from './known-services.ts';
import { formatNode, node, type AttackNode } from './nodes.ts';
import { secretsOf, type PodUnit } from './pod-units.ts';
import { subjectAt } from './principals.ts';

/** A fact that may be left open by what was read. */
export interface Fact {
  readonly holds: boolean | 'unknown';
  readonly because: readonly Because[];
}

/** What the attack graph asks of the other analyses. */
export type Engines = AccessFacts & NetworkFacts;

/** That a way from outside leads to ports of a pod, and policies let packets through. */
export interface Exposed {
  readonly unit: PodUnit;
  /** The object that opens the way. */
  readonly by: ObjectRef;
  admits(port: number): boolean;
  readonly because: readonly Because[];
  readonly open?: string;
}

/** A port of a pod behind which a known hole gives code execution. */
export interface Weakness {
  readonly unit: PodUnit;
  readonly container: string;
  readonly port: number;
  readonly because: readonly Because[];
  readonly open?: string;
}

export interface AccountName {
  readonly namespace: string;
  readonly name: string;
}

/** A port of a pod worth reaching. */
export interface Target {
  readonly unit: PodUnit;
  readonly port: number;
}

export interface WorldFacts {
  readonly snapshot: Snapshot;
  readonly engines: Engines;
  readonly units: readonly PodUnit[];
  readonly weaknesses: readonly Weakness[];
  /** Reach nodes somebody asks about, though no weakness may be known behind them. */
  readonly asked: readonly AttackNode[];
  /** The actions edges ask for. */
  readonly rules: ActionTable;
  /** A world from which this one differs in bindings and roles alone: its indexes serve again. */
  readonly like?: World;
}

/**
 * All facts the edges ask for. Pure: the snapshot and the engines' answers are all there is. An index is built when it is
 * first asked for, and once.
 */
export class World {
  readonly snapshot: Snapshot;
  readonly engines: Engines;
  readonly version: KubernetesVersion;
  readonly units: readonly PodUnit[];
  readonly weaknesses: readonly Weakness[];
  readonly rules: ActionTable;
  /** Reach nodes somebody asks about. */
  readonly asked: readonly AttackNode[];
  readonly #roleNodes = new Map<CompiledRole, Map<string | undefined, AttackNode>>();
  readonly #heldRoles = new Map<string, HeldRole>();
  readonly #admitted = new Map<string, Fact>();

  constructor({ snapshot, engines, units, weaknesses, asked, rules, like }: WorldFacts) {
    this.snapshot = snapshot;
    this.engines = engines;
    this.version = snapshot.kubernetesVersion ?? NEWEST_KUBERNETES;
    this.units = units;
    this.weaknesses = weaknesses;
    this.asked = asked;
    this.rules = rules;
    if (!like) return;
    this.#byName = like.#byName;
    this.#byNamespace = like.#byNamespace;
    this.#byNode = like.#byNode;
    this.#floating = like.#floating;
    this.#byKind = like.#byKind;
    this.#byImage = like.#byImage;
    this.#nodes = like.#nodes;
    this.#secrets = like.#secrets;
    this.#claims = like.#claims;
    this.#targets = like.#targets;
    this.#weaknesses = like.#weaknesses;
    if (like.engines.subjects.length !== engines.subjects.length) return;
    this.#accounts = like.#accounts;
    this.#namespaces = like.#namespaces;
  }

  readonly #byName = once(() => {
    const byName = new Map<string, PodUnit[]>();
    for (const unit of this.units) {
      push(byName, `${unit.namespace}/${unit.name}`, unit);
      for (const { object } of unit.workload.pods)
        if (object.metadata.name !== unit.name) push(byName, `${unit.namespace}/${object.metadata.name}`, unit);
    }
    return byName;
  });
  readonly #byNamespace = once(() => Map.groupBy(this.units, ({ namespace }) => namespace));
  readonly #byNode = once(() => {
    const byNode = new Map<string, PodUnit[]>();
    for (const unit of this.units) for (const name of unit.nodes) push(byNode, name, unit);
    return byNode;
  });
  readonly #floating = once(() => this.units.filter(({ floating }) => floating));

  /** The pods a Shell, Code or Reach node speaks of, named by the pod or by the workload that owns it. */
  unitsAt({ namespace, name }: AttackNode): readonly PodUnit[] {
    const pod = name?.replace(/[/:].*$/, '') ?? '';
    return this.#byName().get(`${namespace ?? ''}/${pod}`) ?? NO_UNITS;
  }

  unitsIn(namespace: string | undefined): readonly PodUnit[] {
    return namespace === undefined ? this.units : (this.#byNamespace().get(namespace) ?? NO_UNITS);
  }

  readonly #byKind = once(() => Map.groupBy(this.units, ({ ref }) => `${ref.kind.toLowerCase()}s`));

  /** The pods that controllers of a resource (`deployments.apps`) make. */
  unitsMadeBy(resource: string): readonly PodUnit[] {
    return this.#byKind().get(resource.split('.')[0] ?? '') ?? NO_UNITS;
  }

  readonly #byImage = once(() => {
    const byImage = new Map<string, PodUnit[]>();
    for (const unit of this.units) {
      const images = new Set(unit.containers.map(({ entry }) => text(entry.container['image']) ?? ''));
      for (const image of images) push(byImage, image, unit);
    }
    return byImage;
  });

  /** The pods with a container whose image matches. Images are few where pods are many. */
  unitsRunning(image: RegExp): readonly PodUnit[] {
    const matching = [...this.#byImage()].filter(([name]) => image.test(name));
    return [...new Set(matching.flatMap(([, units]) => units))];
  }

  /** Pods of this very name, in a namespace or in all: what a right limited to a name is about. */
  podsNamed(name: string, namespace: string | undefined): readonly PodUnit[] {
    const namespaces = namespace === undefined ? this.namespaces : [namespace];
    return namespaces.flatMap((one) =>
      (this.#byName().get(`${one}/${name}`) ?? NO_UNITS).filter(
        ({ ref, workload }) =>
          (ref.kind === 'Pod' && ref.name === name) ||
          workload.pods.some(({ object }) => object.metadata.name === name),
      ),
    );
  }

  /** The pods bound to a node by name. */
  unitsOn(nodeName: string | undefined): readonly PodUnit[] {
    return nodeName === undefined ? NO_UNITS : (this.#byNode().get(nodeName) ?? NO_UNITS);
  }

  /** Pods without a node of their own: the scheduler may put them on any of `schedulable`. */
  get floatingUnits(): readonly PodUnit[] {
    return this.#floating();
  }

  readonly #nodes = once(() => {
    const objects = this.snapshot.list('Node').map(({ object }) => object);
    const open = objects.filter(
      (object) =>
        at(object, 'spec', 'unschedulable') !== true &&
        !taintsOf(object).some(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute'),
    );
    const schedulable = open.map(({ metadata }) => metadata.name);
    const names = new Set([...objects.map(({ metadata }) => metadata.name), ...this.#byNode().keys()]);
    return {
      names: names.size > 0 ? [...names].sort() : [undefined],
      schedulable: new Set<string | undefined>(schedulable.length > 0 ? schedulable : [undefined]),
    };
  });

  /** Names of all nodes; one undefined entry when none is known, standing for some node. */
  get nodeNames(): readonly (string | undefined)[] {
    return this.#nodes().names;
  }

  /** The nodes a pod without a node may be put on; undefined for one nobody knows the name of. */
  get schedulable(): readonly (string | undefined)[] {
    return [...this.#nodes().schedulable];
  }

  /** Whether a node has the label or the taint of the control plane. */
  isControlPlane(name: string): boolean {
    const object = this.snapshot.get('Node', undefined, name)?.object;
    return (
      CONTROL_PLANE.some((role) => Object.hasOwn(object?.metadata.labels ?? {}, role)) ||
      taintsOf(object).some(({ key }) => CONTROL_PLANE.includes(String(key)))
    );
  }

  isSchedulable(name: string | undefined): boolean {
    return this.#nodes().schedulable.has(name);
  }

  readonly #accounts = once(() => {
    const found = new Map<string, Map<string, AccountName>>();
    const add = (namespace: string, name: string): void => {
      let here = found.get(namespace);
      if (!here) found.set(namespace, (here = new Map([['default', { namespace, name: 'default' }]])));
      if (!here.has(name)) here.set(name, { namespace, name });
    };
    for (const { object } of this.snapshot.list('Namespace')) add(object.metadata.name, 'default');
    for (const { object } of this.snapshot.list('ServiceAccount'))
      add(object.metadata.namespace ?? 'default', object.metadata.name);
    for (const unit of this.units) add(unit.namespace, unit.serviceAccount);
    for (const { kind, namespace, name } of this.engines.subjects)
      if (kind === 'ServiceAccount' && namespace !== undefined) add(namespace, name);
    return found;
  });

  readonly #namespaces = once(() => [...this.#accounts().keys()].sort());

  get namespaces(): readonly string[] {
    return this.#namespaces();
  }

  /** Service accounts of a namespace: those given, those pods use or bindings name, and `default`. */
  accountsIn(namespace: string): readonly AccountName[] {
    return [...(this.#accounts().get(namespace)?.values() ?? [])];
  }

  readonly #secrets = once(() => {
    const found = new Map<string, Set<string>>();
    const add = (namespace: string, name: string): void => {
      const here = found.get(namespace);
      if (here) here.add(name);
      else found.set(namespace, new Set([name]));
    };
    for (const { object } of this.snapshot.list('Secret'))
      add(object.metadata.namespace ?? 'default', object.metadata.name);
    for (const unit of this.units) for (const name of secretsOf(unit)) add(unit.namespace, name);
    return found;
  });

  /** Names of the Secrets of a namespace: those given and those pods refer to. */
  secretsIn(namespace: string): readonly string[] {
    return [...(this.#secrets().get(namespace) ?? [])];
  }

  /** The roles bound to this identity itself. */
  rolesOf(principal: AttackNode): readonly BoundRole[] {
    const subject = subjectAt(principal);
    return subject ? this.engines.rolesOf(subject) : [];
  }

  /** The station of somebody who holds a role where it is bound; the same one for every binding. */
  roleNode({ role, namespace }: BoundRole): AttackNode {
    let stations = this.#roleNodes.get(role);
    if (!stations) this.#roleNodes.set(role, (stations = new Map()));
    let station = stations.get(namespace);
    if (!station) {
      station = node('Role', `${role.ref.kind}/${role.ref.name}`, namespace);
      stations.set(namespace, station);
      this.#heldRoles.set(formatNode(station), { role, namespace });
    }
    return station;
  }

  /** The role a station of `roleNode` stands for, and where it counts. */
  roleAt(station: AttackNode): HeldRole | undefined {
    return this.#heldRoles.get(formatNode(station));
  }

  readonly #claims = once(() => {
    const byClaim = new Map<string, Resource>();
    for (const resource of this.snapshot.list('PersistentVolume')) {
      const { object } = resource;
      byClaim.set(`\n${object.metadata.name}`, resource);
      const claim = at(object, 'spec', 'claimRef');
      const name = text(at(claim, 'name'));
      if (name !== undefined) byClaim.set(`${text(at(claim, 'namespace')) ?? ''}\n${name}`, resource);
    }
    return byClaim;
  });

  /** The PersistentVolume behind a claim, by the claim's own word or by the volume's. */
  volumeBehind(namespace: string, claim: string): Resource | undefined {
    const object = this.snapshot.get('PersistentVolumeClaim', namespace, claim)?.object;
    const volume = text(at(object, 'spec', 'volumeName'));
    return (
      (volume === undefined ? undefined : this.#claims().get(`\n${volume}`)) ??
      this.#claims().get(`${namespace}\n${claim}`)
    );
  }

  readonly #targets = once((): readonly Target[] => {
    const wanted = this.asked
      .filter(({ kind }) => kind === 'Reach')
      .flatMap((one) => this.unitsAt(one).map((unit) => ({ unit, port: Number(one.name?.split(':')[1]) })));
    const all = [...this.weaknesses, ...this.services].map(({ unit, port }) => ({ unit, port })).concat(wanted);
    return [...new Map(all.map((one) => [`${one.unit.namespace}/${one.unit.name}:${one.port}`, one])).values()];
  });

  /** Ports of pods worth reaching: those with a known hole or an open service behind them, and those somebody asks about. */
  targets(): readonly Target[] {
    return this.#targets();
  }

  readonly #weaknesses = once(() => Map.groupBy(this.weaknesses, ({ unit }) => unit));

  weaknessesOf(unit: PodUnit): readonly Weakness[] {
    return this.#weaknesses().get(unit) ?? [];
  }

  readonly #services = once(() => knownServices(this.units));
  readonly #servicesOf = once(() => Map.groupBy(this.#services(), ({ unit }) => unit));

  /** Programs that give whoever reaches them what they hold. */
  get services(): readonly KnownService[] {
    return this.#services();
  }

  servicesOf(unit: PodUnit): readonly KnownService[] {
    return this.#servicesOf().get(unit) ?? [];
  }

  readonly #subjects = once(() => new Set(this.engines.subjects.map(({ kind, name }) => `${kind} ${name}`)));

  /** Whether some binding names the group: otherwise being in it gives nothing. */
  isBoundGroup(name: string): boolean {
    return this.#subjects().has(`Group ${name}`);
  }

  /**
   * Whether pods beyond a level of the Pod Security Standards get into a namespace, as its labels say. Without a
   * label everything gets in: a cluster-wide default set on the API server is not in any source.
   */
  admitsBeyond(level: 'baseline' | 'restricted', namespace: string): Fact {
    const key = `${level} ${namespace}`;
    let known = this.#admitted.get(key);
    if (!known) this.#admitted.set(key, (known = this.#askAdmission(level, namespace)));
    return known;
  }

  #askAdmission(level: 'baseline' | 'restricted', namespace: string): Fact {
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

  readonly #guards = once(() => admissionGuards(this.snapshot));

  /** What besides Pod Security is asked before a pod gets into a namespace, and may refuse it. */
  guardsOf(namespace: string): readonly Because[] {
    return this.#guards()(namespace);
  }

  gaps(kinds: readonly string[]): readonly Gap[] {
    return this.snapshot.gaps(kinds);
  }
}

const NO_UNITS: readonly PodUnit[] = [];

const CONTROL_PLANE: readonly string[] = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];

function taintsOf(object: unknown): readonly { readonly key: unknown; readonly effect: unknown }[] {
  const taints = at(object, 'spec', 'taints');
  return Array.isArray(taints)
    ? taints.map((taint: unknown) => ({ key: at(taint, 'key'), effect: at(taint, 'effect') }))
    : [];
}

/** Computes a value when it is first asked for. */
function once<T>(compute: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => (known ??= { value: compute() }).value;
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const known = map.get(key);
  if (known) known.push(value);
  else map.set(key, [value]);
}
