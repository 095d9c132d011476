import { defineCheck } from '../define-check.ts';
import { NETWORK_POLICY } from '../../../model/policy-kinds.ts';
import { policiesIn, whyPoliciesOpen } from '../network-policies.ts';
import { everyNamespace } from '../subjects.ts';

/** Kubernetes makes these at every start and runs nothing in them. */
const EMPTY_BY_DESIGN = ['kube-public', 'kube-node-lease'];

/** Without a NetworkPolicy every pod of a namespace can be reached from every pod of the cluster, and reach anything. */
export const nsNoNetpol = defineCheck({
  id: 'ns-no-netpol',
  title: 'A namespace has no NetworkPolicy',
  holds: 'The namespace has NetworkPolicies',
  severity: 'medium',
  examines: everyNamespace,
  alsoReads: [NETWORK_POLICY],
  frameworks: { cis: ['5.3.2'], nsa: ['network'], attack: ['T1046'], owasp: ['K05'] },
  messages: {
    none: ({ name }: { readonly name: string }) =>
      `namespace ${name} has no NetworkPolicy: its pods can be reached by every pod, and can reach everything`,
  },
  *run(namespace, report, context) {
    if (EMPTY_BY_DESIGN.includes(namespace.name) && namespace.pods.length === 0) {
      yield report.notApplicable('Kubernetes runs no pod here');
      return;
    }
    if (policiesIn(namespace.name, context).length > 0) return;
    const open = whyPoliciesOpen(namespace.name, context);
    if (open.length > 0) yield report.unknown('whether a policy isolates this namespace is not known', open);
    else yield report('none', namespace, { resource: namespace.resource, path: [] });
  },
});
