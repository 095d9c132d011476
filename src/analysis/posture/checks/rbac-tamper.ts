import { defineCheck } from '../define-check.ts';
import { grantsOn, heldBy, type Wanted } from '../rbac.ts';
import { everyHeldRole } from '../rbac-subjects.ts';

const WANTED: readonly Wanted[] = [
  { group: '', resource: 'events', verbs: ['delete', 'deletecollection'] },
  { group: 'events.k8s.io', resource: 'events', verbs: ['delete', 'deletecollection'] },
  { group: '', resource: 'namespaces', verbs: ['delete'], clusterScoped: true },
  { group: '', resource: 'configmaps', verbs: ['update', 'patch'], namespace: 'kube-system', name: 'coredns' },
];

/** Deleted events hide an attack; the configuration of the cluster DNS decides where every name leads; a deleted namespace takes all in it. */
export const rbacTamper = defineCheck({
  id: 'rbac-tamper',
  title: 'A role may remove traces or redirect names',
  holds: 'No role may remove traces or redirect names',
  severity: 'medium',
  examines: everyHeldRole,
  frameworks: { nsa: ['authentication'], attack: ['T1070', 'T1485'], owasp: ['K02', 'K10'] },
  messages: {
    granted: ({ who, may }: { readonly who: string; readonly may: string }) => `${who} may ${may}`,
  },
  *run(held, report) {
    for (const { may, place } of grantsOn(held, WANTED)) yield report('granted', { who: heldBy(held), may }, place);
  },
});
