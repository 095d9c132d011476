import { defineCheck } from '../define-check.ts';
import { heldBy, rulePlace } from '../rbac.ts';
import { everyHeldRole } from '../rbac-subjects.ts';

/** A star grants what exists today and whatever is installed tomorrow. */
export const rbacWildcard = defineCheck({
  id: 'rbac-wildcard',
  title: 'A role grants by wildcard',
  holds: 'No role grants by wildcard',
  severity: 'high',
  examines: everyHeldRole,
  frameworks: { cis: ['5.1.3'], nsa: ['authentication'], attack: ['T1098.006'], owasp: ['K02'] },
  messages: {
    everything: ({ who }: { readonly who: string }) => `${who} may do everything: all verbs on all resources`,
    star: ({ who, fields }: { readonly who: string; readonly fields: string }) =>
      `${who} holds a rule with * in ${fields}`,
  },
  *run(held, report) {
    for (const [index, rule] of held.role.rules.entries()) {
      const place = rulePlace(held, index);
      const fields = (['verbs', 'resources', 'apiGroups', 'nonResourceURLs'] as const).filter((f) =>
        rule[f].includes('*'),
      );
      if (fields.length === 0 || rule.verbs.length === 0) continue;
      const who = heldBy(held);
      const isEverything = fields.includes('verbs') && fields.includes('resources') && rule.resourceNames.length === 0;
      if (isEverything && fields.includes('apiGroups')) yield report('everything', { who }, place);
      else yield report('star', { who, fields: fields.join(' and ') }, place);
    }
  },
});
