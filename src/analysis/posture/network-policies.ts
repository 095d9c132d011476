import { becauseOfGap, type Because } from '../../model/because.ts';
import { at, list, record, strings } from '../../model/json.ts';
import { refOf, formatRef } from '../../model/object.ts';
import { parseSelector } from '../../model/selectors.ts';
import { ADMIN_POLICY_KINDS, NETWORK_POLICY } from '../../model/policy-kinds.ts';
import type { Resource } from '../../model/snapshot.ts';
import type { CheckContext } from './context.ts';

/** Policies of network plugins that can isolate pods too; what they say is not judged here. */
const OTHER_POLICIES = [
  'CiliumNetworkPolicy.cilium.io',
  'CiliumClusterwideNetworkPolicy.cilium.io',
  'NetworkPolicy.crd.projectcalico.org',
  'GlobalNetworkPolicy.crd.projectcalico.org',
  'NetworkPolicy.projectcalico.org',
  'GlobalNetworkPolicy.projectcalico.org',
  ...ADMIN_POLICY_KINDS,
] as const;

/** The NetworkPolicies of a namespace. */
export function policiesIn(namespace: string, { snapshot }: CheckContext): readonly Resource[] {
  return snapshot.list(NETWORK_POLICY).filter(({ object }) => object.metadata.namespace === namespace);
}

/** Why the answer about a namespace is open: policies that could not be read, or of a kind that is not judged here. */
export function whyPoliciesOpen(namespace: string, { snapshot }: CheckContext): readonly Because[] {
  const gaps = snapshot.gaps([NETWORK_POLICY, ...OTHER_POLICIES], namespace).map(becauseOfGap);
  const others = OTHER_POLICIES.flatMap((kind) => snapshot.list(kind)).filter(
    ({ object }) => object.metadata.namespace === undefined || object.metadata.namespace === namespace,
  );
  const [other] = others;
  if (!other) return gaps;
  const says = `${formatRef(refOf(other.object))} may isolate pods here; ${refOf(other.object).kind} is not judged by this check`;
  return [...gaps, { kind: 'parameter', parameter: other.object.kind, says }];
}

/** The directions a policy closes for the pods it selects; `policyTypes` left out means what the rules suggest. */
export function isolatedDirections(policy: Resource): readonly ('Ingress' | 'Egress')[] {
  const spec = record(policy.object['spec']);
  if (list(spec['policyTypes']).length > 0) {
    const written = strings(spec['policyTypes']);
    return (['Ingress', 'Egress'] as const).filter((direction) => written.includes(direction));
  }
  return list(spec['egress']).length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
}

/** Whether a policy selects every pod of its namespace. */
export function selectsEveryPod(policy: Resource): boolean {
  const parsed = parseSelector(at(policy.object, 'spec', 'podSelector') ?? {});
  return parsed.kind === 'ok' && parsed.selector.length === 0;
}
