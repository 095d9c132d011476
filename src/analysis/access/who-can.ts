import { becauseOfGap } from '../../model/because.ts';
import type { Gap, Snapshot } from '../../model/snapshot.ts';
import type { Authorizers } from './authorizers.ts';
import { namespaceOf, type BindingIndex, type BindingScope } from './binding-index.ts';
import { answerScope, mergeEntries, withGrants, type ScopeEntry } from './scope-answer.ts';
import { compareSubjects, MASTERS } from './subjects.ts';
import type { AccessRequest, BoundSubject, SubjectGrants, WhoCanAnswer } from './types.ts';
import { bindingGaps, isOpen, roleGaps, whyRolesOpen } from './unknowns.ts';

/** Answers of the cluster-wide scope that are kept: the same question is often asked namespace by namespace. */
const KEPT = 64;

/** Every bound subject that would be allowed a request alone, by what was read and by what was not. */
export function whoCanIn(
  snapshot: Snapshot,
  index: BindingIndex,
  authorizers: Authorizers,
): (request: AccessRequest) => WhoCanAnswer {
  const { subjects: table } = index;
  const kept = new Map<string, readonly ScopeEntry[]>();
  const openOf = new WeakMap<BindingScope, BindingScope['bindings']>();

  return (request) => {
    const [cluster, ...others] = index.scopes(request);
    let entries = cluster ? clusterAnswer(cluster, request) : [];
    for (const scope of others) entries = mergeEntries(entries, answerScope(scope, table, request));
    const subjects: SubjectGrants[] = [];
    const builtIn: SubjectGrants[] = [];
    let masters: SubjectGrants = withGrants({ kind: 'Group', name: MASTERS }, []);
    for (const { matches, granted } of entries) {
      if (isMasters(granted.subject)) masters = granted;
      else if (matches.every(({ binding }) => binding.builtIn)) builtIn.push(granted);
      else subjects.push(granted);
    }
    insert(subjects, masters);
    const open = [cluster, ...others].flatMap((scope) => (scope ? openIn(scope) : []));
    const unread = bindingGaps(snapshot, namespaceOf(request));
    return {
      subjects,
      builtIn,
      uncertain: uncertainIn(open, entries),
      gaps: [...new Set<Gap>([...unread, ...open.flatMap((binding) => roleGaps(snapshot, binding))])],
      unknown: [...unread.map(becauseOfGap), ...whyRolesOpen(snapshot, open), ...authorizers.others],
    };
  };

  function clusterAnswer(scope: BindingScope, request: AccessRequest): readonly ScopeEntry[] {
    const key = JSON.stringify({ ...request, namespace: '' });
    const known = kept.get(key);
    if (known) return known;
    if (kept.size >= KEPT) kept.clear();
    const answer = answerScope(scope, table, request);
    kept.set(key, answer);
    return answer;
  }

  function openIn(scope: BindingScope): BindingScope['bindings'] {
    const known = openOf.get(scope);
    if (known) return known;
    const open = scope.bindings.filter(isOpen);
    openOf.set(scope, open);
    return open;
  }

  function uncertainIn(open: BindingScope['bindings'], entries: readonly ScopeEntry[]): readonly BoundSubject[] {
    if (open.length === 0) return [];
    const sure = new Set(entries.map(({ rank }) => rank));
    const ranks = new Set(open.flatMap(({ subjectNumbers }) => subjectNumbers.map((number) => table.rank(number))));
    const uncertain = [...ranks].filter((rank) => !sure.has(rank)).sort((a, b) => a - b);
    return uncertain.flatMap((rank) => table.subjects[table.ranked(rank)] ?? []);
  }
}

function isMasters({ kind, name }: BoundSubject): boolean {
  return name === MASTERS && kind === 'Group';
}

function insert(sorted: SubjectGrants[], entry: SubjectGrants): void {
  const place = sorted.findIndex(({ subject }) => compareSubjects(subject, entry.subject) > 0);
  sorted.splice(place < 0 ? sorted.length : place, 0, entry);
}
