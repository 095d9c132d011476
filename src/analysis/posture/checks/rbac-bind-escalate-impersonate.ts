import { defineCheck } from '../define-check.ts';
import { grantsOn, heldBy, type Wanted } from '../rbac.ts';
import { everyHeldRole } from '../rbac-subjects.ts';

const WANTED: readonly Wanted[] = [
  { group: 'rbac.authorization.k8s.io', resource: 'roles', verbs: ['bind', 'escalate'] },
  { group: 'rbac.authorization.k8s.io', resource: 'clusterroles', verbs: ['bind', 'escalate'] },
  { group: '', resource: 'users', verbs: ['impersonate'], clusterScoped: true },
  { group: '', resource: 'groups', verbs: ['impersonate'], clusterScoped: true },
  { group: '', resource: 'serviceaccounts', verbs: ['impersonate'] },
  { group: 'authentication.k8s.io', resource: 'uids', verbs: ['impersonate'], clusterScoped: true },
];

/** bind, escalate and impersonate are the three verbs with which RBAC lets somebody have more than they were given. */
export const rbacBindEscalateImpersonate = defineCheck({
  id: 'rbac-bind-escalate-impersonate',
  title: 'A role may give itself more',
  holds: 'No role may give itself more',
  severity: 'critical',
  examines: everyHeldRole,
  frameworks: { cis: ['5.1.8'], nsa: ['authentication'], attack: ['T1098.006', 'T1078'], owasp: ['K02'] },
  messages: {
    granted: ({ who, may }: { readonly who: string; readonly may: string }) =>
      `${who} may ${may}, and so become whoever it likes`,
  },
  *run(held, report) {
    for (const { may, place } of grantsOn(held, WANTED)) yield report('granted', { who: heldBy(held), may }, place);
  },
});
