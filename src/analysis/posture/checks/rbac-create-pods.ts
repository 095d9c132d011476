import { defineCheck } from '../define-check.ts';
import { grantsOn, heldBy, type Wanted } from '../rbac.ts';
import { everyHeldRole } from '../rbac-subjects.ts';

const WANTED: readonly Wanted[] = [
  { group: '', resource: 'pods', verbs: ['create'] },
  { group: '', resource: 'replicationcontrollers', verbs: ['create'] },
  { group: 'apps', resource: 'deployments', verbs: ['create'] },
  { group: 'apps', resource: 'daemonsets', verbs: ['create'] },
  { group: 'apps', resource: 'statefulsets', verbs: ['create'] },
  { group: 'apps', resource: 'replicasets', verbs: ['create'] },
  { group: 'batch', resource: 'jobs', verbs: ['create'] },
  { group: 'batch', resource: 'cronjobs', verbs: ['create'] },
];

/** Who may create a pod may use every service account, Secret and volume of the namespace, and any privilege admission lets through. */
export const rbacCreatePods = defineCheck({
  id: 'rbac-create-pods',
  title: 'A role may create pods',
  holds: 'No role may create pods',
  severity: 'medium',
  examines: everyHeldRole,
  frameworks: { cis: ['5.1.4'], nsa: ['authentication'], attack: ['T1610'], owasp: ['K02'] },
  messages: {
    granted: ({ who, may }: { readonly who: string; readonly may: string }) =>
      `${who} may ${may}, and so use every service account and Secret there`,
  },
  *run(held, report) {
    for (const { may, place } of grantsOn(held, WANTED)) yield report('granted', { who: heldBy(held), may }, place);
  },
});
