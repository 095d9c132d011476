import { formatRef } from '../../../model/object.ts';
import { defineCheck } from '../define-check.ts';
import { subjectPlace } from '../rbac.ts';
import { everyBinding } from '../rbac-subjects.ts';

/** What is bound to these is open to everybody who can reach the API server, without any credential. */
export const rbacAnonymous = defineCheck({
  id: 'rbac-anonymous',
  title: 'Somebody without credentials holds permissions',
  holds: 'Nothing but the defaults is bound to anonymous users',
  severity: 'critical',
  examines: everyBinding,
  frameworks: { cis: ['1.2.1'], nsa: ['authentication'], attack: ['T1078', 'T1190'], owasp: ['K02', 'K09'] },
  messages: {
    bound: ({ name, role }: { readonly name: string; readonly role: string }) =>
      `${name} holds ${role}: nobody needs a credential for what it allows`,
  },
  *run(binding, report) {
    // kubeadm join reads the address and CA of the cluster before it has a credential.
    if (binding.namespace === 'kube-public' && binding.ref.name === 'kubeadm:bootstrap-signer-clusterinfo') return;
    const role = typeof binding.role === 'string' ? 'the role it names' : formatRef(binding.role.ref);
    for (const subject of binding.subjects) {
      if (subject.name !== 'system:anonymous' && subject.name !== 'system:unauthenticated') continue;
      yield report('bound', { name: `${subject.kind} ${subject.name}`, role }, subjectPlace(binding, subject));
    }
  },
});
