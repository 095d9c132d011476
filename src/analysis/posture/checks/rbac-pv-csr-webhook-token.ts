import { defineCheck } from '../define-check.ts';
import { grantsOn, heldBy, type Wanted } from '../rbac.ts';
import { everyHeldRole } from '../rbac-subjects.ts';

const WANTED: readonly Wanted[] = [
  { group: '', resource: 'persistentvolumes', verbs: ['create'], clusterScoped: true },
  {
    group: 'certificates.k8s.io',
    resource: 'certificatesigningrequests/approval',
    verbs: ['update', 'patch'],
    clusterScoped: true,
  },
  {
    group: 'admissionregistration.k8s.io',
    resource: 'mutatingwebhookconfigurations',
    verbs: ['create', 'update', 'patch'],
    clusterScoped: true,
  },
  {
    group: 'admissionregistration.k8s.io',
    resource: 'validatingwebhookconfigurations',
    verbs: ['create', 'update', 'patch', 'delete'],
    clusterScoped: true,
  },
  {
    group: 'admissionregistration.k8s.io',
    resource: 'validatingadmissionpolicybindings',
    verbs: ['update', 'patch', 'delete'],
    clusterScoped: true,
  },
  { group: '', resource: 'serviceaccounts/token', verbs: ['create'] },
];

/** Host directories as volumes, certificates for anybody, a hand on every request, tokens of any account: each leads past what RBAC seems to say. */
export const rbacPvCsrWebhookToken = defineCheck({
  id: 'rbac-pv-csr-webhook-token',
  title: 'A role has a way around the controls of the cluster',
  holds: 'No role has a way around the controls of the cluster',
  severity: 'high',
  examines: everyHeldRole,
  frameworks: {
    cis: ['5.1.9', '5.1.11', '5.1.12', '5.1.13'],
    nsa: ['authentication'],
    attack: ['T1098.006', 'T1528'],
    owasp: ['K02'],
  },
  messages: {
    granted: ({ who, may }: { readonly who: string; readonly may: string }) => `${who} may ${may}`,
  },
  *run(held, report) {
    for (const { may, place } of grantsOn(held, WANTED)) yield report('granted', { who: heldBy(held), may }, place);
  },
});
