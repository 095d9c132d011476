import { kindKey, refId, refOf, type KubernetesObject, type ObjectRef } from '../../model/object.ts';
import { createSnapshot, type Resource, type Snapshot } from '../../model/snapshot.ts';
import { analyseAccess } from '../access/index.ts';
import { subjectKey } from '../access/subjects.ts';
import { analyseNetwork } from '../network/index.ts';
import { accessFacts, type AccessFacts } from './access-facts.ts';
import { networkFacts } from './network-facts.ts';
import { podUnitsOf, type PodUnit } from './pod-units.ts';
import { gatherFacts, type SceneFacts, type Scenes } from './scenes.ts';

/** One object that is new, gone (no `after`), or another than before. */
export interface OneChange {
  readonly before?: KubernetesObject;
  readonly after?: KubernetesObject;
}

const RBAC = /\.rbac\.authorization\.k8s\.io$/;

/**
 * The facts as they are after one object changed, made from those before: only what the object bears on is worked out
 * again. A role that others are made of, or that is made of others, is worked out from the start.
 */
export function factsAfter(facts: SceneFacts, change: OneChange, like?: Scenes): SceneFacts {
  const object = change.after ?? change.before;
  if (!object) return facts;
  const snapshot = overlay(facts.snapshot, change);
  const kind = kindKey(object.apiVersion, object.kind);
  if (RBAC.test(kind)) {
    // Bindings are known as they were read first: a second change of grants starts from what there is now.
    if (facts.patched) return gatherFacts(snapshot);
    const grants = grantsAfter(facts, snapshot, object, change);
    return grants ? { ...facts, snapshot, grants, patched: true, ...(like ? { like } : {}) } : gatherFacts(snapshot);
  }
  const units = unitsAfter(facts, snapshot, object);
  const network = networkFacts(snapshot, units, () => analyseNetwork(snapshot, { profile: 'kubernetes' }));
  const { like: _before, ...others } = facts;
  return { ...others, snapshot, units, network };
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

/** Undefined when the change may reach further than the bindings it is in. */
function grantsAfter(
  facts: SceneFacts,
  snapshot: Snapshot,
  object: KubernetesObject,
  change: OneChange,
): AccessFacts | undefined {
  const isRole = object.kind === 'Role' || object.kind === 'ClusterRole';
  const id = refId(refOf(object));
  const touched = facts.access.bindings.filter(({ ref, role }) =>
    isRole
      ? typeof role === 'object' && role.ref.name === object.metadata.name && refId(role.ref) === id
      : ref.name === object.metadata.name && refId(ref) === id,
  );
  if (object.kind === 'ClusterRole' && [change.before, change.after].some(isAggregated)) return undefined;
  // A role that is new may be what bindings without a role were waiting for.
  if (isRole && !change.before) return undefined;
  const bindings = isRole ? touched.map(({ resource }) => resource) : change.after ? [{ object: change.after }] : [];
  const roles = bindings.map((binding) => roleOf(snapshot, binding.object));
  if (roles.some((role) => role?.object['aggregationRule'] !== undefined || role === undefined)) return undefined;
  const some = createSnapshot({
    source: { kind: 'cluster', description: snapshot.source.description },
    gaps: snapshot.coverage.gaps,
    resources: [...bindings, ...new Set(roles)].filter((one) => one !== undefined),
  });
  const again = accessFacts(analyseAccess(some));
  const gone = new Set<ObjectRef>(touched.map(({ ref }) => ref));
  const before = facts.grants;
  return {
    rolesOf: (subject) => [
      ...before.rolesOf(subject).filter(({ binding }) => !gone.has(binding)),
      ...again.rolesOf(subject),
    ],
    subjects: [
      ...new Map([...before.subjects, ...again.subjects].map((subject) => [subjectKey(subject), subject])).values(),
    ],
    clusterRole(name) {
      const role = snapshot.get('ClusterRole.rbac.authorization.k8s.io', undefined, name);
      return role?.object === change.after && change.after
        ? (again.clusterRole(name) ?? before.clusterRole(name))
        : before.clusterRole(name);
    },
  };
}

function roleOf(snapshot: Snapshot, binding: KubernetesObject): Resource | undefined {
  const role = binding['roleRef'] as { readonly kind?: string; readonly name?: string } | undefined;
  const namespace = role?.kind === 'Role' ? binding.metadata.namespace : undefined;
  return snapshot.get(`${role?.kind ?? ''}.rbac.authorization.k8s.io`, namespace, role?.name ?? '');
}

function isAggregated(role: KubernetesObject | undefined): boolean {
  const labels = Object.keys(role?.metadata.labels ?? {});
  return role?.['aggregationRule'] !== undefined || labels.length > 0;
}

const POD_MAKERS =
  /^(Pod|ReplicationController|(Deployment|ReplicaSet|StatefulSet|DaemonSet)\.apps|(Job|CronJob)\.batch)$/;

/** The workloads again that the object is of; all of them where it has an owner, or is one, that was read. */
function unitsAfter(facts: SceneFacts, snapshot: Snapshot, object: KubernetesObject): readonly PodUnit[] {
  if (!POD_MAKERS.test(kindKey(object.apiVersion, object.kind))) return facts.units;
  if (object.kind !== 'Pod' || object.metadata.ownerReferences?.some(({ controller }) => controller))
    return podUnitsOf(snapshot);
  const id = refId(refOf(object));
  const pod = snapshot.get('Pod', object.metadata.namespace, object.metadata.name);
  const own = pod ? podUnitsOf(createSnapshot({ source: snapshot.source, resources: [pod] })) : [];
  return [...facts.units.filter(({ ref }) => ref.name !== object.metadata.name || refId(ref) !== id), ...own];
}
