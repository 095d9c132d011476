import { NETWORK_POLICY } from '../../../model/policy-kinds.ts';
import { defineCheck } from '../define-check.ts';
import { isolatedDirections, policiesIn, selectsEveryPod, whyPoliciesOpen } from '../network-policies.ts';
import { everyNamespace } from '../subjects.ts';

/** Policies for single applications leave the next pod that is added open; one that selects every pod does not. */
export const nsNoDefaultDeny = defineCheck({
  id: 'ns-no-default-deny',
  title: 'A namespace does not deny by default',
  holds: 'A NetworkPolicy of the namespace selects every pod, in both directions',
  severity: 'low',
  examines: everyNamespace,
  alsoReads: [NETWORK_POLICY],
  frameworks: { cis: ['5.3.2'], nsa: ['network'], attack: ['T1046'], owasp: ['K05'] },
  messages: {
    open: ({ name, directions }: { readonly name: string; readonly directions: string }) =>
      `namespace ${name} has policies, but none that closes ${directions} for every pod: a pod nobody wrote a policy for is open`,
  },
  *run(namespace, report, context) {
    const policies = policiesIn(namespace.name, context);
    const open = whyPoliciesOpen(namespace.name, context);
    if (policies.length === 0 && open.length === 0) {
      yield report.notApplicable('the namespace has no NetworkPolicy at all; ns-no-netpol says so');
      return;
    }
    const closed = new Set(policies.filter(selectsEveryPod).flatMap(isolatedDirections));
    const missing = (['Ingress', 'Egress'] as const).filter((direction) => !closed.has(direction));
    if (missing.length === 0) return;
    if (open.length > 0) {
      yield report.unknown('whether a policy selects every pod of this namespace is not known', open);
      return;
    }
    const directions = missing.join(' and ').toLowerCase();
    yield report('open', { name: namespace.name, directions }, { resource: namespace.resource, path: [] });
  },
});
