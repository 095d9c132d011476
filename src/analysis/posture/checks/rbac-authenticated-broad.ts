import { formatRef } from '../../../model/object.ts';
import { defineCheck } from '../define-check.ts';
import { subjectPlace } from '../rbac.ts';
import { everyBinding } from '../rbac-subjects.ts';

const EVERYBODY: Readonly<Record<string, string>> = {
  'system:authenticated': 'everybody with any credential, every pod included',
  'system:serviceaccounts': 'every pod of the cluster',
};

/** Bound to a group that everybody is in, a role is bound to the first pod an intruder gets. */
export const rbacAuthenticatedBroad = defineCheck({
  id: 'rbac-authenticated-broad',
  title: 'A role is bound to everybody',
  holds: 'No role beyond the defaults is bound to everybody',
  severity: 'high',
  examines: everyBinding,
  frameworks: { cis: ['5.1.1'], nsa: ['authentication'], attack: ['T1078'], owasp: ['K02'] },
  messages: {
    bound: ({ who, role }: { readonly who: string; readonly role: string }) => `${who} holds ${role}`,
  },
  *run(binding, report) {
    if (binding.role === 'missing') return;
    const rules = typeof binding.role === 'string' ? undefined : binding.role.rules;
    if (rules?.every((rule) => rule.resources.length === 0)) {
      yield report.notApplicable('the role grants nothing on any resource');
      return;
    }
    const role = typeof binding.role === 'string' ? 'the role it names' : formatRef(binding.role.ref);
    for (const subject of binding.subjects) {
      const who = subject.kind === 'Group' ? EVERYBODY[subject.name] : undefined;
      if (who !== undefined) yield report('bound', { who, role }, subjectPlace(binding, subject));
    }
  },
});
