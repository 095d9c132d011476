import { formatPath, type Because } from '../../../model/because.ts';
import { at, list, records, strings, text } from '../../../model/json.ts';
import { formatRef, kindKey, refId, refOf, type KubernetesObject, type ObjectRef } from '../../../model/object.ts';
import { atLeast } from '../../../model/version.ts';
import type { Arc, AttackGraph } from '../graph/graph.ts';
import type { PodUnit } from '../facts/pod-units.ts';
import { closedIn } from '../facts/weaknesses.ts';
import { policiesAgainst, type NewPolicy } from './new-policy.ts';
import type { World } from '../world/world.ts';
import { editRule, editSubjects, removeFromPolicy, setField, withoutToken, withoutVolume } from './edits.ts';

/** One field of an object, as it is written there. */
export interface FieldEdit {
  readonly field: string;
  readonly action: 'remove' | 'set';
  readonly value?: unknown;
}

/** One change to one real object, small enough to be judged by itself. */
export interface Change {
  readonly id: string;
  readonly object: ObjectRef;
  /** The field, as it is written in the object; empty when the object goes as a whole. */
  readonly field: string;
  readonly action: 'remove' | 'set' | 'add';
  readonly value?: unknown;
  /** Further fields of the object that change with it. */
  readonly also?: readonly FieldEdit[];
  readonly says: string;
  /** How much else may miss it: 1 little, 4 much. Decides between fixes of the same size. */
  readonly harm: number;
  /** The object itself, where the change makes it. */
  readonly made?: KubernetesObject;
  /** The object as it would be; undefined when nothing is left of it. */
  apply(object: KubernetesObject): KubernetesObject | undefined;
}

/** Roles that Kubernetes makes itself: whoever needs less is bound to another one. */
const OWN_ROLES: ReadonlySet<string> = new Set(['cluster-admin', 'admin', 'edit', 'view']);

/**
 * The changes each of which takes a hop away, found by the reasons it gives: a reason that points to a field of a real object
 * can be changed there. Empty for hops that follow from how Kubernetes works.
 */
export function changesOf(arc: Arc, graph: AttackGraph, world: World): readonly Change[] {
  const found = arc.because().flatMap((reason) => (reason.kind === 'field' ? byReason(reason, arc, graph, world) : []));
  const others: Change[] = arc.needs.flatMap((id) => byObject(graph.objectOf(id), arc, graph, world));
  if (arc.edge.id === 'H1') others.push(...policiesAgainst(arc, graph, world).map(addPolicy));
  return [...new Map([...found, ...others].map((change) => [change.id, change])).values()];
}

type FieldReason = Because & { readonly kind: 'field' };

function byReason(reason: FieldReason, arc: Arc, graph: AttackGraph, world: World): readonly Change[] {
  const { object: ref, path } = reason;
  const object = world.snapshot.get(kindKey(ref.apiVersion, ref.kind), ref.namespace, ref.name)?.object;
  switch (ref.kind) {
    case 'RoleBinding':
    case 'ClusterRoleBinding':
      return object ? unbind(object, subjectOf(arc, graph)) : [];
    case 'Role':
    case 'ClusterRole':
      return object ? narrowRule(object, path, rightOf(arc, graph)) : [];
    case 'Namespace':
      return object && path.includes('pod-security') ? [enforceBaseline(object)] : [];
    case 'NetworkPolicy':
      // Only of a connection between pods: what lets outsiders in is the Service, and ranges overlap.
      return object && arc.edge.id === 'H1' ? dropPolicyRule(object, path) : [];
    case 'Secret':
      return object ? [removeObject(object, 2)] : [];
    case 'VulnerabilityReport':
      return object ? updateImage(object, arc, graph, world) : [];
    default:
      return inPod(reason, world);
  }
}

/** Objects a hop needs without a reason that points to them. */
function byObject(ref: ObjectRef, arc: Arc, graph: AttackGraph, world: World): readonly Change[] {
  const { id } = arc.edge;
  const object = world.snapshot.get(kindKey(ref.apiVersion, ref.kind), ref.namespace, ref.name)?.object;
  if (id === 'A1' && object && ['Service', 'Ingress', 'HTTPRoute', 'Route'].includes(ref.kind)) {
    return ref.kind === 'Service' ? closeService(object) : [removeObject(object, 4)];
  }
  const onDisk = id === 'C2' || graph.nodeOf(arc.from).name === 'FloatingCredential';
  const unit = unitOf(ref, world);
  if (unit && onDisk && graph.nodeOf(arc.to).kind === 'Token') return dropToken(unit, world);
  return unit && /^B\d/.test(id) ? userNamespace(unit, world) : [];
}

/** The Service for the inside of the cluster alone; nothing where it is so, and a route leads to it. */
function closeService(service: KubernetesObject): readonly Change[] {
  const outside: FieldEdit = { field: 'spec.externalIPs', action: 'remove' };
  const hasOutside = list(at(service, 'spec', 'externalIPs')).length > 0;
  const apply: Change['apply'] = (it) =>
    setField(setField(it, ['spec', 'type'], 'ClusterIP'), ['spec', 'externalIPs'], undefined);
  const named = formatRef(refOf(service));
  if (['ClusterIP', undefined].includes(text(at(service, 'spec', 'type'))))
    return hasOutside
      ? [change(service, outside.field, 'remove', `take externalIPs out of ${named}`, 4, undefined, apply)]
      : [];
  const says = `make ${named} a ClusterIP${hasOutside ? ' without externalIPs' : ''}`;
  return [change(service, 'spec.type', 'set', says, 4, 'ClusterIP', apply, hasOutside ? [outside] : [])];
}

function inPod({ object: ref, path, says }: FieldReason, world: World): readonly Change[] {
  const unit = unitOf(ref, world);
  if (!unit) {
    const account =
      ref.kind === 'ServiceAccount' ? world.snapshot.get('ServiceAccount', ref.namespace, ref.name) : undefined;
    const key = /\['(.+)'\]$/.exec(path)?.[1];
    if (!account || key === undefined) return [];
    return [
      change(
        account.object,
        path,
        'remove',
        `remove the annotation ${key} of ServiceAccount ${name(ref)}`,
        3,
        undefined,
        (it) => setField(it, ['metadata', 'annotations', key], undefined),
      ),
    ];
  }
  const { object } = unit.workload.writtenIn;
  const steps = stepsOf(path);
  const last = steps.at(-1);
  if (last === 'automountServiceAccountToken') return dropToken(unit, world);
  if (steps.includes('volumes')) {
    const index = steps.findIndex((step) => step === 'volumes') + 1;
    const volume = text(at(object, ...steps.slice(0, index + 1), 'name')) ?? '';
    return [
      change(object, path, 'remove', `remove the volume ${volume} from ${formatRef(refOf(object))}`, 2, volume, (it) =>
        withoutVolume(it, steps.slice(0, index - 1), volume),
      ),
    ];
  }
  if (last === 'capabilities') {
    return [
      change(object, path, 'set', `drop all capabilities: ${says}`, 2, { drop: ['ALL'] }, (it) =>
        setField(it, steps, { drop: ['ALL'] }),
      ),
    ];
  }
  if (['privileged', 'hostPID', 'shareProcessNamespace', 'hostProcess'].includes(String(last))) {
    return [
      change(object, path, 'set', `set ${String(last)} to false: ${says}`, 2, false, (it) =>
        setField(it, steps, false),
      ),
    ];
  }
  return [];
}

/** In the pod; or in its service account, where the pod leaves it to it. */
function dropToken(unit: PodUnit, world: World): readonly Change[] {
  const { object } = unit.workload.writtenIn;
  const path = [...unit.workload.template.path, 'spec', 'automountServiceAccountToken'];
  const projected = volumesWithoutToken(object, path.slice(0, -1));
  const says = `set automountServiceAccountToken to false in ${formatRef(refOf(object))}`;
  const both = projected.length === 0 ? says : `${says}, and take the token out of its projected volumes`;
  const inPod = change(object, path.join('.'), 'set', both, 1, false, (it) => withoutToken(it, path), projected);
  const account = world.snapshot.get('ServiceAccount', unit.namespace, unit.serviceAccount)?.object;
  const explicit = unit.spec['automountServiceAccountToken'] !== undefined || hasProjectedToken(unit);
  if (!account || explicit) return [inPod];
  const field = 'automountServiceAccountToken';
  const saysOf = `set ${field} to false in ${formatRef(refOf(account))}`;
  return [inPod, change(account, field, 'set', saysOf, 2, false, (it) => setField(it, [field], false))];
}

/** The projected volumes that hold a token, each with the sources that are left. */
function volumesWithoutToken(object: KubernetesObject, spec: readonly (string | number)[]): readonly FieldEdit[] {
  return records(at(object, ...spec, 'volumes')).flatMap(([index, volume]): readonly FieldEdit[] => {
    const sources = list(at(volume, 'projected', 'sources'));
    const left = sources.filter((source) => at(source, 'serviceAccountToken') === undefined);
    const field = formatPath([...spec, 'volumes', index, 'projected', 'sources']);
    return left.length === sources.length ? [] : [{ field, action: 'set', value: left }];
  });
}

/** A user namespace, where Kubernetes has them on and the pod shares no other namespace with its node. */
function userNamespace({ spec, workload }: PodUnit, { version }: World): readonly Change[] {
  const shares = ['hostNetwork', 'hostPID', 'hostIPC'].some((field) => spec[field] === true);
  if (shares || spec['hostUsers'] === false || !atLeast(version, 1, 33)) return [];
  const { object } = workload.writtenIn;
  const path = [...workload.template.path, 'spec', 'hostUsers'];
  const says = `set hostUsers to false in ${formatRef(refOf(object))}: root in its containers is nobody on the node`;
  return [change(object, path.join('.'), 'set', says, 3, false, (it) => setField(it, path, false))];
}

/** Another release, where the report says that one closes each of the holes. Its tag is not in the facts. */
function updateImage(report: KubernetesObject, arc: Arc, graph: AttackGraph, world: World): readonly Change[] {
  const closed = closedIn(report);
  const { name: to = '' } = graph.nodeOf(arc.to);
  if (closed === undefined) return [];
  return world.pods.at(graph.nodeOf(arc.from)).flatMap((unit) => {
    const place = unit.containers.find(({ entry }) => entry.name === to.split('/')[1])?.entry;
    const image = text(place?.container['image']);
    if (!place || image === undefined) return [];
    const { object } = unit.workload.writtenIn;
    const path = [...unit.workload.template.path, 'spec', ...place.path, 'image'];
    const says = `update ${image} of container ${place.name} in ${formatRef(refOf(object))} to a release with ${closed}`;
    const next = `${image.replace(/@.*$|:[^:/]*$/, '')}:a-release-without-it`;
    return [change(object, formatPath(path), 'set', says, 2, undefined, (it) => setField(it, path, next))];
  });
}

function addPolicy({ policy, says }: NewPolicy): Change {
  const spec = policy['spec'];
  return { ...change(policy, 'spec', 'add', says, 3, spec, () => policy), made: policy };
}

function hasProjectedToken({ spec }: PodUnit): boolean {
  return list(spec['volumes']).some((volume) =>
    list(at(volume, 'projected', 'sources')).some((source) => at(source, 'serviceAccountToken') !== undefined),
  );
}

function unbind(object: KubernetesObject, subject: string): readonly Change[] {
  const says = `take ${subject} out of ${formatRef(refOf(object))}`;
  const one = change(object, 'subjects', 'remove', says, 2, subject, (it) => editSubjects(it, subject));
  return list(object['subjects']).length > 1 ? [one, removeObject(object, 3)] : [one];
}

/** Takes the verb out of the rule, or the whole rule. */
function narrowRule(role: KubernetesObject, path: string, action: string | undefined): readonly Change[] {
  const { name: roleName, labels } = role.metadata;
  if (OWN_ROLES.has(roleName) || labels?.['kubernetes.io/bootstrapping'] !== undefined) return [];
  const index = Number(/^rules\[(\d+)\]/.exec(path)?.[1]);
  const ref = formatRef(refOf(role));
  const whole = change(role, `rules[${index}]`, 'remove', `take rule ${index} out of ${ref}`, 3, undefined, (it) =>
    editRule(it, index, undefined),
  );
  const verb = action?.split(' ')[0] ?? '';
  const verbs = strings(at(role, 'rules', index, 'verbs'));
  if (verbs.length < 2 || !verbs.includes(verb) || verbs.includes('*')) return [whole];
  const says = `take the verb ${verb} out of rule ${index} of ${ref}`;
  return [change(role, `rules[${index}].verbs`, 'remove', says, 1, verb, (it) => editRule(it, index, verb)), whole];
}

function enforceBaseline(namespace: KubernetesObject): Change {
  const label = 'pod-security.kubernetes.io/enforce';
  const says = `enforce Pod Security baseline in namespace ${namespace.metadata.name}`;
  return change(namespace, `metadata.labels['${label}']`, 'set', says, 2, 'baseline', (it) =>
    setField(it, ['metadata', 'labels', label], 'baseline'),
  );
}

function dropPolicyRule(policy: KubernetesObject, path: string): readonly Change[] {
  const [, direction, index] = /^(?:spec\.)?(ingress|egress)\[(\d+)\]/.exec(path) ?? [];
  if (direction === undefined || index === undefined) return [];
  const field = `spec.${direction}[${index}]`;
  const says = `take ${direction} rule ${index} out of ${formatRef(refOf(policy))}`;
  return [change(policy, field, 'remove', says, 3, undefined, (it) => removeFromPolicy(it, direction, Number(index)))];
}

function removeObject(object: KubernetesObject, harm: number): Change {
  return change(object, '', 'remove', `delete ${formatRef(refOf(object))}`, harm, undefined, () => undefined);
}

function change(
  object: KubernetesObject,
  field: string,
  action: Change['action'],
  says: string,
  harm: number,
  value: unknown,
  apply: Change['apply'],
  also: readonly FieldEdit[] = [],
): Change {
  const ref = refOf(object);
  const id = `${refId(ref)} ${action} ${field} ${value === undefined ? '' : JSON.stringify(value)}`;
  return {
    id,
    object: ref,
    field,
    action,
    ...(value === undefined ? {} : { value }),
    ...(also.length === 0 ? {} : { also }),
    says,
    harm,
    apply,
  };
}

/** The subject of the binding that a hop starts from: a user, a service account's user name, or `group:NAME`. */
function subjectOf(arc: Arc, graph: AttackGraph): string {
  const from = graph.nodeOf(arc.from);
  if (from.kind === 'NodeIdentity') return `system:node:${from.name ?? ''}`;
  return from.name ?? '';
}

function unitOf(ref: ObjectRef, world: World): PodUnit | undefined {
  const named = world.pods.at({
    kind: 'Shell',
    name: ref.name,
    ...(ref.namespace === undefined ? {} : { namespace: ref.namespace }),
  });
  return named.find((unit) => refId(unit.ref) === refId(ref));
}

/** The action a hop of the engine gives the right to. */
function rightOf(arc: Arc, graph: AttackGraph): string | undefined {
  const to = graph.nodeOf(arc.to);
  return to.kind === 'May' ? to.name : undefined;
}

/** `spec.containers[0].securityContext` as steps. */
function stepsOf(path: string): readonly (string | number)[] {
  return [...path.matchAll(/\['([^']+)'\]|\[(\d+)\]|([^.[\]]+)/g)].map(([, quoted, index, plain]) =>
    index === undefined ? (quoted ?? plain ?? '') : Number(index),
  );
}

function name({ namespace, name: own }: ObjectRef): string {
  return namespace === undefined ? own : `${namespace}/${own}`;
}
