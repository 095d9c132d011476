import { kindKey, refId, refOf, type KubernetesObject } from '../../model/object.ts';
import { createSnapshot, type Resource, type Snapshot } from '../../model/snapshot.ts';
import { factsOf, gatherFacts, type Facts } from './facts.ts';
import { grantsAfter } from './grants-after.ts';
import { networkFacts } from './network-facts.ts';
import { podUnitsOf, type PodUnit } from './pod-units.ts';
import { podIndexAfter, type PodEdit } from './world/pod-index.ts';

/** One object that is new, gone (no `after`), or another than before. */
export interface OneChange {
  readonly before?: KubernetesObject;
  readonly after?: KubernetesObject;
}

const RBAC = /\.rbac\.authorization\.k8s\.io$/;
/** Kinds that the network analysis does not look at. */
const NOT_NETWORK =
  /^(Secret|ConfigMap|PersistentVolume|PersistentVolumeClaim|VulnerabilityReport\..*|.*\.admissionregistration\.k8s\.io)$/;

/** The facts as they are after one object changed, made from those before: only what the object bears on is worked out again. */
export function factsAfter(facts: Facts, change: OneChange): Facts {
  const object = change.after ?? change.before;
  if (!object) return facts;
  const snapshot = overlay(facts.snapshot, change);
  const kind = kindKey(object.apiVersion, object.kind);
  if (RBAC.test(kind)) {
    const grants = grantsAfter(facts.grants, snapshot, object, change);
    if (!grants) return gatherFacts(snapshot);
    const { roles, accounts } = factsOf(snapshot, grants, facts.pods, facts.network);
    const sameSubjects = grants.subjects.length === facts.grants.subjects.length;
    return { ...facts, snapshot, grants, roles, accounts: sameSubjects ? facts.accounts : accounts };
  }
  const edit = podEdit(facts, snapshot, object);
  const pods = edit ? podIndexAfter(facts.pods, edit) : facts.pods;
  if (NOT_NETWORK.test(kind)) return factsOf(snapshot, facts.grants, pods, facts.network);
  const network = networkFacts(snapshot, pods, () => facts.network.analysis().update(snapshot));
  return factsOf(snapshot, facts.grants, pods, network);
}

/** The same snapshot with one object in place of another. Linear in the objects of its kind alone. */
function overlay(base: Snapshot, { before, after }: OneChange): Snapshot {
  const changed = after ?? before;
  if (!changed) return base;
  const kind = kindKey(changed.apiVersion, changed.kind);
  const id = refId(refOf(changed));
  const resource: Resource | undefined = after && { object: after };
  const others = base
    .list(kind)
    .filter(({ object }) => object.metadata.name !== changed.metadata.name || refId(refOf(object)) !== id);
  const listed = resource ? [...others, resource] : others;
  const kinds = base.kinds().includes(kind) || !resource ? base.kinds() : [...base.kinds(), kind].sort();
  return {
    ...base,
    kinds: () => kinds,
    list: (asked) => (asked === kind ? listed : base.list(asked)),
    get: (asked, namespace, name) =>
      asked === kind && name === changed.metadata.name && (namespace ?? '') === (changed.metadata.namespace ?? '')
        ? resource
        : base.get(asked, namespace, name),
  };
}

const POD_MAKERS =
  /^(Pod|ReplicationController|(Deployment|ReplicaSet|StatefulSet|DaemonSet)\.apps|(Job|CronJob)\.batch)$/;

/** The workloads that the object is of, again; all of them where it has an owner, or is one, that was read. */
function podEdit(facts: Facts, snapshot: Snapshot, object: KubernetesObject): PodEdit | undefined {
  if (!POD_MAKERS.test(kindKey(object.apiVersion, object.kind))) return undefined;
  if (object.kind !== 'Pod' || object.metadata.ownerReferences?.some(({ controller }) => controller))
    return { gone: new Set(facts.pods.all()), added: podUnitsOf(snapshot) };
  const { namespace = 'default', name } = object.metadata;
  const id = refId(refOf(object));
  const gone = new Set<PodUnit>(facts.pods.named(name, namespace).filter(({ ref }) => refId(ref) === id));
  const pod = snapshot.get('Pod', namespace, name);
  return { gone, added: pod ? podUnitsOf(createSnapshot({ source: snapshot.source, resources: [pod] })) : [] };
}
