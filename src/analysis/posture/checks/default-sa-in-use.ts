import { formatRef } from '../../../model/object.ts';
import { CLUSTER_ROLE_BINDING, ROLE_BINDING } from '../../access/kinds.ts';
import { defineCheck } from '../define-check.ts';
import { subjectPlace } from '../rbac.ts';
import { everyBinding } from '../rbac-subjects.ts';

/** What is bound to the account `default` is given to every pod of the namespace that names no account of its own. */
export const defaultSaInUse = defineCheck({
  id: 'default-sa-in-use',
  title: 'A default service account holds permissions',
  holds: 'No role is bound to a default service account',
  severity: 'low',
  examines: everyBinding,
  alsoReads: [ROLE_BINDING, CLUSTER_ROLE_BINDING],
  frameworks: { cis: ['5.1.5'], nsa: ['authentication'], attack: ['T1078'], owasp: ['K02'] },
  messages: {
    bound: ({ namespace, role }: { readonly namespace: string; readonly role: string }) =>
      `every pod of namespace ${namespace} without an account of its own holds ${role}`,
  },
  *run(binding, report) {
    const role = typeof binding.role === 'string' ? 'the role it names' : formatRef(binding.role.ref);
    for (const subject of binding.subjects) {
      if (subject.kind !== 'ServiceAccount' || subject.name !== 'default') continue;
      yield report('bound', { namespace: subject.namespace ?? '', role }, subjectPlace(binding, subject));
    }
  },
});
