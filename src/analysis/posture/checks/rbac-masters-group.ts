import { defineCheck } from '../define-check.ts';
import { subjectPlace } from '../rbac.ts';
import { everyBinding } from '../rbac-subjects.ts';

/** The API server lets this group do everything before it looks at RBAC: a binding for it suggests control there is not. */
export const rbacMastersGroup = defineCheck({
  id: 'rbac-masters-group',
  title: 'A binding names system:masters',
  holds: 'No binding names system:masters',
  severity: 'critical',
  examines: everyBinding,
  frameworks: { cis: ['5.1.7'], nsa: ['authentication'], attack: ['T1078'], owasp: ['K02', 'K09'] },
  messages: {
    named: () =>
      'the binding names group system:masters, whose members may do everything whether bound or not: somebody holds certificates of this group',
  },
  *run(binding, report) {
    for (const subject of binding.subjects) {
      if (subject.kind === 'Group' && subject.name === 'system:masters') {
        yield report('named', undefined, subjectPlace(binding, subject));
      }
    }
  },
});
