import type { Because } from '../../model/because.ts';
import { formatRef, type ObjectRef } from '../../model/object.ts';
import { describeRule, ruleAllows } from '../access/rules.ts';
import type { PolicyRule } from '../access/types.ts';

/** One rule a principal holds, with the objects it holds it by. */
export interface HeldRule {
  /** The namespace of the RoleBinding; undefined when bound for the whole cluster. */
  readonly namespace: string | undefined;
  readonly rule: PolicyRule;
  /** Index of the rule in its role. */
  readonly index: number;
  /** Absent for what a station stands for (an administrator of a namespace holds everything in it). */
  readonly role?: ObjectRef;
  readonly binding?: ObjectRef;
}

/** That a principal may do something, where, and to which objects. */
export interface Permission {
  /** One namespace, or undefined for everywhere. */
  readonly namespace: string | undefined;
  /** Object names the rule is limited to; empty means any. */
  readonly names: readonly string[];
  readonly held: HeldRule;
  readonly needs: readonly ObjectRef[];
  readonly because: readonly Because[];
}

/** `pods/exec` of group `''`, `deployments` of `apps`. */
export interface ResourceName {
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
}

export function resource(written: string): ResourceName {
  const [path = '', subresource] = written.split('/');
  const dot = path.indexOf('.');
  return {
    group: dot < 0 ? '' : path.slice(dot + 1),
    resource: dot < 0 ? path : path.slice(0, dot),
    ...(subresource === undefined ? {} : { subresource }),
  };
}

/**
 * Every permission among the rules to use a verb on a resource. Verbs that create an object carry no name, so a rule
 * limited to names never grants them; those on a subresource do.
 */
export function permissions(rules: readonly HeldRule[], verb: string, what: ResourceName): readonly Permission[] {
  const unnamed = verb === 'deletecollection' || (verb === 'create' && what.subresource === undefined);
  return rules.flatMap((held) => {
    const { rule } = held;
    if (unnamed && rule.resourceNames.length > 0) return [];
    const allowed = ruleAllows(rule, {
      kind: 'resource',
      verb,
      group: what.group,
      resource: what.resource,
      subresource: what.subresource ?? '',
      name: rule.resourceNames[0] ?? '',
      namespace: held.namespace ?? '',
    });
    if (!allowed) return [];
    return [
      {
        namespace: held.namespace,
        names: rule.resourceNames,
        held,
        needs: [held.binding, held.role].filter((ref) => ref !== undefined),
        because: becauseHeld(held),
      },
    ];
  });
}

/** A rule with the role it is of and the binding it is held by, as a reason. */
export function becauseHeld({ role, binding, rule, index, namespace }: HeldRule): readonly Because[] {
  const where = namespace === undefined ? 'everywhere' : `in ${namespace}`;
  if (!role || !binding) {
    return [{ kind: 'rule', source: 'RBAC', says: `an administrator may do everything ${where}` }];
  }
  return [
    {
      kind: 'field',
      object: role,
      path: `rules[${index}]`,
      says: `${formatRef(role)} allows ${describeRule(rule)}, bound ${where} by ${formatRef(binding)}`,
    },
  ];
}
