import { at, records, stringMap, text } from '../../model/json.ts';
import { refOf, type KubernetesObject, type ObjectRef } from '../../model/object.ts';
import { isFromFiles, type Resource, type Snapshot } from '../../model/snapshot.ts';
import { aggregate, readAggregation, type AggregationInput } from './aggregation.ts';
import { DEFAULT_OBJECTS } from './defaults/index.ts';
import { CLUSTER_ROLE, CLUSTER_ROLE_BINDING, ROLE, ROLE_BINDING } from './kinds.ts';
import { hasNoRules, readRules } from './rules.ts';
import { subjectTable, type SubjectTable, type SubjectTableBuilder } from './subject-table.ts';
import type { AccessFinding, BoundSubject, PolicyRule } from './types.ts';

/** A role with the rules it has at the API server. */
export interface CompiledRole {
  readonly ref: ObjectRef;
  readonly resource: Resource;
  readonly rules: readonly PolicyRule[];
  /** Where rules filled in offline were written, one entry a rule. */
  readonly writtenIn?: readonly { readonly role: ObjectRef; readonly rule: number }[];
  /** Some of its rules may be missing: it is filled from ClusterRoles, and not all could be read. */
  readonly incomplete: boolean;
}

/** A binding with its role resolved. */
export interface CompiledBinding {
  readonly ref: ObjectRef;
  readonly resource: Resource;
  /** Empty for a ClusterRoleBinding. */
  readonly namespace: string;
  readonly subjects: readonly BoundSubject[];
  /** The same subjects by their numbers in the subject table, each once. */
  readonly subjectNumbers: readonly number[];
  /** `missing` grants nothing; `unread` may grant anything. */
  readonly role: CompiledRole | 'missing' | 'unread';
  readonly builtIn: boolean;
}

export interface CompiledAccess {
  readonly roles: readonly CompiledRole[];
  /** The role a binding in this namespace means by this kind and name. */
  roleOf(kind: 'Role' | 'ClusterRole', namespace: string, name: string): CompiledBinding['role'];
  readonly bindings: readonly CompiledBinding[];
  readonly subjects: SubjectTable;
  readonly findings: readonly AccessFinding[];
  readonly notes: readonly string[];
}

/** Reads every RBAC object of a snapshot, fills aggregated roles and resolves what each binding refers to. */
export function compileAccess(snapshot: Snapshot): CompiledAccess {
  const findings: AccessFinding[] = [];
  const table = subjectTable();
  const added = isFromFiles(snapshot) ? missingDefaults(snapshot) : [];
  const resourcesOf = (kind: string): readonly Resource[] => {
    const missing = added.filter(({ object }) => `${object.kind}.rbac.authorization.k8s.io` === kind);
    return missing.length === 0 ? snapshot.list(kind) : [...snapshot.list(kind), ...missing];
  };
  const clusterRoles = compileClusterRoles(resourcesOf(CLUSTER_ROLE), snapshot, findings);
  const roles = new Map<string, CompiledRole>();
  for (const resource of resourcesOf(ROLE)) {
    const ref = refOf(resource.object);
    const rules = readRules(resource.object['rules']);
    roles.set(`${ref.namespace ?? ''}/${ref.name}`, { ref, resource, rules, incomplete: false });
  }
  const builtIn = new Set(added);
  const bindings = [...resourcesOf(CLUSTER_ROLE_BINDING), ...resourcesOf(ROLE_BINDING)].map((resource) =>
    compileBinding(resource, builtIn.has(resource)),
  );
  const subjects = table.build();
  return {
    subjects,
    roles: [...clusterRoles.values(), ...roles.values()],
    roleOf,
    bindings,
    findings,
    notes: added.length === 0 ? [] : [noteOf(added)],
  };

  function compileBinding(resource: Resource, isBuiltIn: boolean): CompiledBinding {
    const { object } = resource;
    const namespace = object.kind === 'RoleBinding' ? (object.metadata.namespace ?? '') : '';
    const subjectNumbers = compileSubjects(object, namespace, table, findings);
    return {
      ref: refOf(object),
      resource,
      namespace,
      subjects: subjectNumbers.flatMap((number) => table.at(number) ?? []),
      subjectNumbers,
      role: resolve(object, namespace),
      builtIn: isBuiltIn,
    };
  }

  function roleOf(kind: 'Role' | 'ClusterRole', namespace: string, name: string): CompiledBinding['role'] {
    const found = kind === 'Role' ? roles.get(`${namespace}/${name}`) : clusterRoles.get(name);
    if (found) return found;
    const gaps = kind === 'Role' ? snapshot.gaps([ROLE], namespace) : snapshot.gaps([CLUSTER_ROLE]);
    return gaps.length > 0 ? 'unread' : 'missing';
  }

  function resolve(object: KubernetesObject, namespace: string): CompiledBinding['role'] {
    const kind = text(at(object, 'roleRef', 'kind')) ?? '';
    const name = text(at(object, 'roleRef', 'name')) ?? '';
    const isRole = kind === 'Role' && object.kind === 'RoleBinding';
    if (!isRole && kind !== 'ClusterRole') {
      findings.push({
        code: 'SW_ROLE_REF_KIND',
        object: refOf(object),
        path: 'roleRef.kind',
        message: `${object.kind} refers to a ${kind || 'role without a kind'}: it grants nothing`,
        hint: 'A RoleBinding refers to a Role of its namespace or a ClusterRole, a ClusterRoleBinding to a ClusterRole.',
      });
      return 'missing';
    }
    const found = roleOf(isRole ? 'Role' : 'ClusterRole', namespace, name);
    if (found !== 'missing') return found;
    findings.push({
      code: 'SW_ROLE_MISSING',
      object: refOf(object),
      path: 'roleRef',
      message: `refers to ${kind} ${isRole ? `${namespace}/` : ''}${name}, which does not exist: it grants nothing until somebody creates that role`,
      hint: 'Delete the binding, or create the role it means.',
    });
    return 'missing';
  }
}

function compileClusterRoles(
  resources: readonly Resource[],
  snapshot: Snapshot,
  findings: AccessFinding[],
): ReadonlyMap<string, CompiledRole> {
  const unread = snapshot.gaps([CLUSTER_ROLE]).length > 0;
  const inputs = new Map<string, AggregationInput>();
  for (const { object } of resources) {
    const written = readAggregation(object);
    if (written.kind === 'invalid') {
      findings.push({
        code: 'SW_AGGREGATION_INVALID',
        object: refOf(object),
        path: written.path,
        message: `no API server would accept this selector (${written.says}): it selects nothing`,
        hint: 'Write a valid label selector.',
      });
    }
    const leftOpen = written.kind === 'selectors' && hasNoRules(object['rules']);
    inputs.set(object.metadata.name, {
      name: object.metadata.name,
      labels: stringMap(object.metadata.labels),
      rules: readRules(object['rules']),
      ...(leftOpen ? { selectors: written.selectors } : {}),
    });
  }
  const filled = aggregate([...inputs.values()]);
  const refs = new Map(resources.map(({ object }) => [object.metadata.name, refOf(object)]));
  return new Map(
    resources.map((resource): [string, CompiledRole] => {
      const ref = refOf(resource.object);
      const written = filled.get(ref.name);
      if (!written) return [ref.name, { ref, resource, rules: inputs.get(ref.name)?.rules ?? [], incomplete: false }];
      const writtenIn = written.map(({ role, rule }) => ({ role: refs.get(role) ?? ref, rule }));
      return [ref.name, { ref, resource, rules: written.map(({ policy }) => policy), writtenIn, incomplete: unread }];
    }),
  );
}

/**
 * Numbers of the subjects that can match anybody. A service account without a namespace has the binding's, and matches
 * nobody when that is empty.
 */
function compileSubjects(
  object: KubernetesObject,
  namespace: string,
  table: SubjectTableBuilder,
  findings: AccessFinding[],
): readonly number[] {
  const numbers: number[] = [];
  const problem = (index: number, message: string, hint: string): void => {
    findings.push({
      code: 'SW_SUBJECT_MATCHES_NOBODY',
      object: refOf(object),
      path: `subjects[${index}]`,
      message,
      hint,
    });
  };
  for (const [index, subject] of records(object['subjects'])) {
    const kind = text(subject['kind']);
    const name = text(subject['name']) ?? '';
    if (kind === 'ServiceAccount') {
      const of = text(subject['namespace']) || namespace;
      if (of !== '') numbers.push(table.add(kind, name, of));
      else problem(index, `service account ${name} has no namespace: it is nobody`, 'Give the subject a namespace.');
    } else if (kind === 'User' && name === '*' && object.apiVersion.endsWith('/v1alpha1')) {
      numbers.push(table.add('Group', 'system:authenticated'));
    } else if (kind === 'User' || kind === 'Group') {
      numbers.push(table.add(kind, name));
    } else {
      const hint = 'Subjects are of kind User, Group or ServiceAccount.';
      problem(index, `a subject of kind ${kind ?? 'nothing'} is nobody`, hint);
    }
  }
  return numbers.length < 2 ? numbers : [...new Set(numbers)];
}

/** The default objects whose names the files don't use; none of a kind that could not be read. */
function missingDefaults(snapshot: Snapshot): readonly Resource[] {
  return DEFAULT_OBJECTS.filter(({ kind, metadata }) => {
    const key = `${kind}.rbac.authorization.k8s.io`;
    const unreadable = snapshot.coverage.gaps.some((gap) => gap.kind === key && gap.reason !== 'invalid');
    return !unreadable && !snapshot.get(key, metadata.namespace, metadata.name);
  }).map((object) => ({ object }));
}

function noteOf(added: readonly Resource[]): string {
  const isRole = ({ object }: Resource): boolean => object.kind.endsWith('Role');
  const roles = added.filter(isRole).length;
  return (
    `${roles} roles and ${added.length - roles} bindings that every API server creates by itself (Kubernetes 1.36) are not in ` +
    'the files and were added; subjects bound by these alone are listed apart'
  );
}
