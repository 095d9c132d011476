import { defineCheck } from '../define-check.ts';
import { grantsOn, heldBy, type Wanted } from '../rbac.ts';
import { everyHeldRole } from '../rbac-subjects.ts';

const WANTED: readonly Wanted[] = [{ group: '', resource: 'secrets', verbs: ['get', 'list', 'watch'] }];

/** Who may list Secrets has the password of everything in the namespace, service account tokens included. */
export const rbacSecretsRead = defineCheck({
  id: 'rbac-secrets-read',
  title: 'A role may read every Secret',
  holds: 'No role may read every Secret',
  severity: 'high',
  examines: everyHeldRole,
  frameworks: { cis: ['5.1.2'], nsa: ['authentication'], attack: ['T1552.007'], owasp: ['K02', 'K03'] },
  messages: {
    granted: ({ who, may }: { readonly who: string; readonly may: string }) =>
      `${who} may ${may}: list and watch give the contents too`,
  },
  *run(held, report) {
    for (const { may, place } of grantsOn(held, WANTED)) yield report('granted', { who: heldBy(held), may }, place);
  },
});
