import { formatPath } from '../../../model/because.ts';
import { at, list, strings, text } from '../../../model/json.ts';
import { formatRef, kindKey, refOf, type KubernetesObject, type ObjectRef } from '../../../model/object.ts';
import type { Arc, AttackGraph } from '../graph/graph.ts';
import { closedIn } from '../facts/weaknesses.ts';
import { change, removeObject, type Change, type FieldEdit } from './change.ts';
import { policiesAgainst, type NewPolicy } from './new-policy.ts';
import type { World } from '../world/world.ts';
import { editRule, editSubjects, removeFromPolicy, setField } from './edits.ts';
import { changesInPod, dropToken, unitOf, userNamespace, type FieldReason } from './pod-changes.ts';

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
      return changesInPod(reason, world);
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

/** The subject of the binding that a hop starts from: a user, a service account's user name, or `group:NAME`. */
function subjectOf(arc: Arc, graph: AttackGraph): string {
  const from = graph.nodeOf(arc.from);
  if (from.kind === 'NodeIdentity') return `system:node:${from.name ?? ''}`;
  return from.name ?? '';
}

/** The action a hop of the engine gives the right to. */
function rightOf(arc: Arc, graph: AttackGraph): string | undefined {
  const to = graph.nodeOf(arc.to);
  return to.kind === 'May' ? to.name : undefined;
}
