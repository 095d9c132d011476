import type { CompiledBinding, CompiledRole } from './objects.ts';
import { indexRules, type RuleIndex } from './rule-index.ts';
import type { SubjectTable } from './subject-table.ts';
import { requesterKeys } from './subjects.ts';
import type { AccessRequest, Requester } from './types.ts';

/** The bindings of one scope (the whole cluster, or a namespace), by role. */
export interface BindingScope {
  readonly bindings: readonly CompiledBinding[];
  readonly byRole: ReadonlyMap<CompiledRole, readonly CompiledBinding[]>;
  readonly rules: RuleIndex;
}

export interface BindingIndex {
  /** Bindings that apply to a requester: cluster-wide ones, then, with a namespace, those of the namespace. */
  of(requester: Requester, namespace: string): readonly CompiledBinding[];
  /** Scopes a request falls into: the cluster and, when it has one, its namespace. */
  scopes(request: AccessRequest): readonly BindingScope[];
  readonly subjects: SubjectTable;
}

/** Files bindings under their subjects at once, and under their roles when a scope is first asked about. */
export function indexBindings(bindings: readonly CompiledBinding[], subjects: SubjectTable): BindingIndex {
  const bySubject: CompiledBinding[][] = subjects.subjects.map(() => []);
  const byNamespace = new Map<string, CompiledBinding[]>();
  for (const binding of bindings) {
    push(byNamespace, binding.namespace, binding);
    for (const subject of binding.subjectNumbers) bySubject[subject]?.push(binding);
  }
  const scopes = new Map<string, BindingScope>();
  return {
    of(requester, namespace) {
      const everywhere = new Set<CompiledBinding>();
      const here = new Set<CompiledBinding>();
      for (const subject of requesterKeys(requester).flatMap((key) => subjects.withKey(key))) {
        for (const binding of bySubject[subject] ?? []) {
          if (binding.namespace === '') everywhere.add(binding);
          else if (binding.namespace === namespace) here.add(binding);
        }
      }
      return [...everywhere, ...here];
    },
    scopes: (request) => scopesOf(request).map(scopeOf),
    subjects,
  };

  function scopeOf(namespace: string): BindingScope {
    let scope = scopes.get(namespace);
    if (!scope) scopes.set(namespace, (scope = buildScope(byNamespace.get(namespace) ?? [])));
    return scope;
  }
}

/** Non-resource requests have no namespace, so no RoleBinding can grant one. */
export function namespaceOf(request: AccessRequest): string {
  return request.kind === 'resource' ? request.namespace : '';
}

function scopesOf(request: AccessRequest): readonly string[] {
  const namespace = namespaceOf(request);
  return namespace === '' ? [''] : ['', namespace];
}

function buildScope(bindings: readonly CompiledBinding[]): BindingScope {
  const byRole = new Map<CompiledRole, CompiledBinding[]>();
  for (const binding of bindings) if (typeof binding.role === 'object') push(byRole, binding.role, binding);
  return { bindings, byRole, rules: indexRules(byRole.keys()) };
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const found = map.get(key);
  if (found) found.push(value);
  else map.set(key, [value]);
}
