import type { BindingScope } from './binding-index.ts';
import { grantOf } from './grants.ts';
import type { CompiledBinding } from './objects.ts';
import type { SubjectTable } from './subject-table.ts';
import type { AccessRequest, BoundSubject, Grant, SubjectGrants } from './types.ts';

/** A binding whose role allows the request, by these of its rules. */
interface Match {
  readonly binding: CompiledBinding;
  readonly rules: readonly number[];
}

/** A subject that one scope allows the request, with what allows it. */
export interface ScopeEntry {
  readonly rank: number;
  readonly matches: readonly Match[];
  readonly granted: SubjectGrants;
}

/** Everybody a scope's bindings allow a request, in the order of subjects. O(matching rules + their subjects). */
export function answerScope(scope: BindingScope, table: SubjectTable, request: AccessRequest): readonly ScopeEntry[] {
  const matchesOf = new Map<number, Match[]>();
  for (const [role, rules] of scope.rules.matching(request)) {
    for (const binding of scope.byRole.get(role) ?? []) {
      const match = { binding, rules };
      for (const subject of binding.subjectNumbers) {
        const known = matchesOf.get(subject);
        if (known) known.push(match);
        else matchesOf.set(subject, [match]);
      }
    }
  }
  const ranks = Int32Array.from(matchesOf.keys(), (subject) => table.rank(subject)).sort();
  const entries: ScopeEntry[] = [];
  for (const rank of ranks) {
    const number = table.ranked(rank);
    const subject = table.subjects[number];
    const matches = matchesOf.get(number);
    if (subject && matches) entries.push({ rank, matches, granted: withGrants(subject, matches) });
  }
  return entries;
}

/** Two sorted answers as one; a subject of both has the grants of both. */
export function mergeEntries(a: readonly ScopeEntry[], b: readonly ScopeEntry[]): readonly ScopeEntry[] {
  if (b.length === 0) return a;
  const merged: ScopeEntry[] = [];
  let i = 0;
  for (const entry of b) {
    for (let other = a[i]; other && other.rank < entry.rank; other = a[++i]) merged.push(other);
    const same = a[i];
    if (same?.rank === entry.rank) {
      const matches = [...same.matches, ...entry.matches];
      merged.push({ rank: entry.rank, matches, granted: withGrants(entry.granted.subject, matches) });
      i++;
    } else merged.push(entry);
  }
  for (; i < a.length; i++) merged.push(a[i] as ScopeEntry);
  return merged;
}

/** The grants are built when somebody looks: thousands of subjects are often only counted. */
export function withGrants(subject: BoundSubject, matches: readonly Match[]): SubjectGrants {
  return new LazyGrants(subject, matches);
}

class LazyGrants implements SubjectGrants {
  readonly subject: BoundSubject;
  readonly #matches: readonly Match[];

  constructor(subject: BoundSubject, matches: readonly Match[]) {
    this.subject = subject;
    this.#matches = matches;
  }

  get grants(): readonly Grant[] {
    return this.#matches.flatMap(grantsOf);
  }
}

function grantsOf({ binding, rules }: Match): readonly Grant[] {
  const { role } = binding;
  if (typeof role === 'string') return [];
  return rules.flatMap((rule) => {
    const policy = role.rules[rule];
    return policy ? [grantOf(binding, role, rule, policy)] : [];
  });
}
