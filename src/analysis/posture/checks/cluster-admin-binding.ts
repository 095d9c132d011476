import { at } from '../../../model/json.ts';
import { formatSubject } from '../../access/subjects.ts';
import { defineCheck } from '../define-check.ts';
import { becauseOfPlace } from '../examined.ts';
import { isSystemSubject, subjectPlace } from '../rbac.ts';
import { everyBinding } from '../rbac-subjects.ts';

/** cluster-admin is everything, everywhere, Secrets and nodes included. */
export const clusterAdminBinding = defineCheck({
  id: 'cluster-admin-binding',
  title: 'cluster-admin is bound to somebody outside the control plane',
  holds: 'cluster-admin is bound to the control plane and its administrators group only',
  severity: 'critical',
  severities: { inNamespace: 'high' },
  examines: everyBinding,
  frameworks: { cis: ['5.1.1'], nsa: ['authentication'], attack: ['T1098.006', 'T1078'], owasp: ['K02'] },
  messages: {
    everywhere: ({ subject }: { readonly subject: string }) => `${subject} is cluster-admin: it may do everything`,
    inNamespace: ({ subject, namespace }: { readonly subject: string; readonly namespace: string }) =>
      `${subject} may do everything in namespace ${namespace}`,
  },
  *run(binding, report) {
    const { object } = binding.resource;
    if (at(object, 'roleRef', 'kind') !== 'ClusterRole' || at(object, 'roleRef', 'name') !== 'cluster-admin') return;
    for (const bound of binding.subjects.filter((subject) => !isSystemSubject(subject))) {
      const roleRef = becauseOfPlace(
        { resource: binding.resource, path: ['roleRef', 'name'] },
        'it binds cluster-admin',
      );
      const subject = formatSubject(bound);
      const place = subjectPlace(binding, bound);
      if (binding.namespace === '') yield report('everywhere', { subject }, place, [roleRef]);
      else yield report('inNamespace', { subject, namespace: binding.namespace }, place, [roleRef]);
    }
  },
});
