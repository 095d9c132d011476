import { memoisedWeakly } from '../../../model/memoised.ts';
import { matches } from '../../../model/selectors.ts';
import type { Classes, PodClass } from '../classes/classes.ts';
import { isInScope, type ClassSelector } from '../classes/class-selector.ts';
import type { Direction, Policy, PolicyRule, PodScope, PortTerm } from '../policies/policy.ts';
import { compilePortsFor, type CompiledPorts } from './port-terms.ts';
import type { PortTable } from '../ports/port-table.ts';
import type { Profile } from '../profiles/profile.ts';
import type { CompiledRule } from './rows.ts';
import { keyOfTerm, type Terms } from './terms.ts';

export interface CompilerInput {
  readonly classes: Classes;
  readonly selector: ClassSelector;
  readonly table: PortTable;
  readonly profile: Profile;
  readonly terms: Terms;
}

/** What single policies mean among the classes. It knows no list of policies, so it serves every edit of one. */
export interface Compiler {
  rules(policy: Policy, direction: Direction): readonly CompiledRule[];
  portsOf(ports: PolicyRule['ports']): CompiledPorts;
  /** Classes a policy selects as subject. */
  subjects(policy: Policy): readonly number[];
  /** Whether it selects one class. */
  selects(policy: Policy, podClass: PodClass): boolean;
}

/** Each policy, and each distinct selector, block and port list, is looked at once, when first asked for. */
export function createCompiler(input: CompilerInput): Compiler {
  const { classes, selector, profile, terms } = input;
  const compilePorts = compilePortsFor(classes, input.table);
  // A rule with several peers is as many rules with one: in a union anyway, and in an ordered stage because they
  // follow each other with the same action and ports. What is certain is wanted: a rule that only may match counts
  // when it denies, and doesn't when it allows.
  const compileRule = (rule: PolicyRule): readonly CompiledRule[] => {
    const ports = compilePorts(rule.ports);
    const { action } = rule;
    if (action === 'allow')
      return rule.conditional === undefined
        ? rule.peers.map(({ term }) => ({ action, peers: terms.certain(term), ports }))
        : [];
    return rule.peers.flatMap(({ term }): CompiledRule[] => {
      const possible = terms.possible(term);
      if (rule.conditional !== undefined) return [{ action: 'deny', peers: possible, ports }];
      const certain = terms.certain(term);
      const sure = { action, peers: certain, ports };
      return possible === certain ? [sure] : [sure, { action: 'deny', peers: possible, ports }];
    });
  };
  const compiled = new WeakMap<Policy, Partial<Record<Direction, readonly CompiledRule[]>>>();
  const rules: Compiler['rules'] = (policy, direction) => {
    let known = compiled.get(policy);
    if (!known) compiled.set(policy, (known = {}));
    return (known[direction] ??= policy.rules[direction].flatMap(compileRule));
  };
  const subjectMemo = new Map<string, readonly number[]>();
  const select = (scope: PodScope): readonly number[] => {
    const key = keyOfTerm({ kind: 'pods', podsGiven: true, namespaces: scope.namespaces, pods: scope.pods });
    let found = subjectMemo.get(key);
    if (!found) subjectMemo.set(key, (found = selector.select(scope.namespaces, scope.pods)));
    return found;
  };
  const subjectsOf = new WeakMap<Policy, readonly number[]>();
  const subjects = (policy: Policy): readonly number[] => {
    let found = subjectsOf.get(policy);
    if (!found) subjectsOf.set(policy, (found = findSubjects(policy)));
    return found;
  };
  const findSubjects = (policy: Policy): readonly number[] => {
    const { subject, tier } = policy;
    const alternatives = subject.alternatives ?? [];
    const found =
      alternatives.length === 0
        ? select(subject)
        : [...new Set([subject, ...alternatives].flatMap(select))].sort((a, b) => a - b);
    return tier === 'namespace' ? found : found.filter((index) => mayBeSubject(classes.all[index]));
  };
  // Only NetworkPolicy leaves open what a host-network pod is: no other kind has one as its subject.
  const mayBeSubject = (podClass: PodClass | undefined): boolean =>
    podClass?.index !== classes.controller && (podClass?.hostNetwork !== true || profile.hostNetworkPods === 'pod');
  const selects: Compiler['selects'] = ({ subject, tier }, podClass) =>
    podClass.reading === 'pod' &&
    (tier === 'namespace' || mayBeSubject(podClass)) &&
    [subject, ...(subject.alternatives ?? [])].some(
      ({ namespaces, pods }) => isInScope(namespaces, podClass.namespace) && matches(pods, podClass.labels),
    );
  const listedPorts = memoisedWeakly((ports: readonly PortTerm[]) => compilePorts(ports));
  const portsOf: Compiler['portsOf'] = (ports) => (ports === 'all' ? compilePorts(ports) : listedPorts(ports));
  return { rules, portsOf, subjects, selects };
}
