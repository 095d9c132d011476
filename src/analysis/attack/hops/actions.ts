import { ruleAllows } from '../../access/rules.ts';
import type { PolicyRule } from '../../access/types.ts';
import { node, type AttackNode } from '../nodes.ts';

/** A verb on a resource, as edges write it: `create pods/exec`, `update deployments.apps`. */
export type Action = `${string} ${string}`;

export interface ParsedAction {
  readonly written: Action;
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
}

/** A right one rule gives: on any object, or on the one named. */
export interface RuleRight {
  readonly action: ParsedAction;
  readonly object: string | undefined;
}

/** Resources outside namespaces: no RoleBinding grants them. `namespaces` is the exception, see `rightInNamespace`. */
const CLUSTER_SCOPED: ReadonlySet<string> = new Set([
  'nodes',
  'persistentvolumes',
  'users',
  'groups',
  'uids',
  'userextras',
  'certificatesigningrequests',
  'signers',
  'clusterroles',
  'clusterrolebindings',
  'customresourcedefinitions',
  'apiservices',
  'mutatingwebhookconfigurations',
  'validatingwebhookconfigurations',
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'storageclasses',
  'priorityclasses',
  'runtimeclasses',
]);

/** The right as a node: who holds it may do this in a namespace or everywhere, to one object or to any. */
export function may(action: Action, namespace?: string, object?: string): AttackNode {
  const right = node('May', action, namespace);
  return object === undefined ? right : { ...right, object };
}

/** All pairs of verbs and resources, for the `from` of an edge. */
export function actions(verbs: readonly string[], resources: readonly string[]): readonly Action[] {
  return resources.flatMap((resource) => verbs.map((verb): Action => `${verb} ${resource}`));
}

/** The rights that allow an action in a namespace: the one in it, and the one everywhere. */
export function rightsOn(action: Action, namespace: string | undefined): readonly AttackNode[] {
  return namespace === undefined ? [may(action)] : [may(action, namespace), may(action)];
}

/** The part of an action behind the verb. */
export function resourceOf(right: AttackNode): string {
  return right.name?.slice(right.name.indexOf(' ') + 1) ?? '';
}

/** The right where it counts: undefined for a RoleBinding's right on something outside namespaces. */
export function rightInNamespace({ action, object }: RuleRight, namespace: string | undefined): AttackNode | undefined {
  const { written, resource, verb } = action;
  if (namespace === undefined) return may(written, undefined, object);
  if (resource === 'namespaces') {
    // A request on a Namespace object carries that namespace, so a RoleBinding in it can grant this.
    return object === undefined || object === namespace ? may(written, namespace) : undefined;
  }
  // `bind` and `escalate` on a ClusterRole are asked in the namespace of the binding.
  if (CLUSTER_SCOPED.has(resource) && !(resource === 'clusterroles' && verb === 'bind')) return undefined;
  return may(written, namespace, object);
}

/** The actions edges ask for, and which of them a rule gives. */
export interface ActionTable {
  readonly actions: readonly Action[];
  /** The rights among the known actions that a rule gives. Verbs that create an object carry no name. */
  rightsIn(rule: PolicyRule): readonly RuleRight[];
  /** The same for every rule of a role, found once. */
  rightsOf(role: RoleRules): readonly (readonly RuleRight[])[];
}

type RoleRules = { readonly rules: readonly PolicyRule[] };

/** Files the actions under their group and resource, so that a rule is compared only with those it names. */
export function actionTable(known: Iterable<Action>): ActionTable {
  const all = [...new Set(known)].map(parseAction);
  const byResource = Map.groupBy(all, ({ group, resource, subresource }) => keyOf(group, join(resource, subresource)));
  const candidates = (rule: PolicyRule): readonly ParsedAction[] => {
    if (rule.apiGroups.includes('*') || rule.resources.some((written) => written.startsWith('*'))) return all;
    return rule.apiGroups.flatMap((group) =>
      rule.resources.flatMap((name) => byResource.get(keyOf(group, name)) ?? NONE),
    );
  };
  const ofRoles = new WeakMap<RoleRules, readonly (readonly RuleRight[])[]>();
  return {
    actions: all.map(({ written }) => written),
    rightsOf(role) {
      let rights = ofRoles.get(role);
      if (!rights) ofRoles.set(role, (rights = role.rules.map(rightsIn)));
      return rights;
    },
    rightsIn,
  };

  function rightsIn(rule: PolicyRule): readonly RuleRight[] {
    const found: RuleRight[] = [];
    for (const one of candidates(rule)) {
      const unnamed = one.verb === 'deletecollection' || (one.verb === 'create' && one.subresource === '');
      if (unnamed && rule.resourceNames.length > 0) continue;
      const request = { kind: 'resource', ...one, name: rule.resourceNames[0] ?? '', namespace: '' } as const;
      if (!ruleAllows(rule, request)) continue;
      if (rule.resourceNames.length === 0) found.push({ action: one, object: undefined });
      else for (const object of rule.resourceNames) found.push({ action: one, object });
    }
    return found;
  }
}

const NONE: readonly ParsedAction[] = [];

/** Splits `update deployments.apps/scale` into verb, group, resource and subresource. */
export function parseAction(written: Action): ParsedAction {
  const [verb = '', what = ''] = written.split(' ');
  const [path = '', subresource = ''] = what.split('/');
  const dot = path.indexOf('.');
  const resource = dot < 0 ? path : path.slice(0, dot);
  return { written, verb, group: dot < 0 ? '' : path.slice(dot + 1), resource, subresource };
}

function keyOf(group: string, resource: string): string {
  return `${group}\n${resource}`;
}

function join(resource: string, subresource: string): string {
  return subresource === '' ? resource : `${resource}/${subresource}`;
}
