import { defineCheck } from '../define-check.ts';
import { grantsOn, heldBy, type Wanted } from '../rbac.ts';
import { everyHeldRole } from '../rbac-subjects.ts';

const WANTED: readonly Wanted[] = [
  { group: '', resource: 'nodes/proxy', verbs: ['get', 'create'], clusterScoped: true },
];

/** Through the proxy of a node the kubelet runs commands in every pod there, unseen by admission and the audit log; get is enough. */
export const rbacNodeProxy = defineCheck({
  id: 'rbac-node-proxy',
  title: 'A role may reach the kubelets',
  holds: 'No role may reach the kubelets',
  severity: 'high',
  examines: everyHeldRole,
  frameworks: { cis: ['5.1.10'], nsa: ['authentication'], attack: ['T1609', 'T1611'], owasp: ['K02'] },
  messages: {
    granted: ({ who, may }: { readonly who: string; readonly may: string }) =>
      `${who} may ${may}, and so run commands in every pod of every node`,
  },
  *run(held, report) {
    for (const { may, place } of grantsOn(held, WANTED)) yield report('granted', { who: heldBy(held), may }, place);
  },
});
