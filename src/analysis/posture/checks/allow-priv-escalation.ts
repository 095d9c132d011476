import { defineCheck } from '../define-check.ts';
import { isWindows } from '../pod-subject.ts';
import { everyPod } from '../subjects.ts';

/** Unless it is forbidden, a set-uid program in the image gives a process more than it was started with. */
export const allowPrivEscalation = defineCheck({
  id: 'allow-priv-escalation',
  title: 'A container may gain privileges',
  holds: 'Every container forbids privilege escalation',
  severity: 'high',
  examines: everyPod,
  frameworks: { pss: 'restricted', cis: ['5.2.6'], nsa: ['pods'], attack: ['T1068', 'T1611'], owasp: ['K01'] },
  messages: {
    allowed: ({ name }: { readonly name: string }) => `container ${name} allows privilege escalation`,
    unset: ({ name }: { readonly name: string }) =>
      `container ${name} does not set allowPrivilegeEscalation: false, and the default is true`,
  },
  *run(pod, report) {
    if (isWindows(pod)) {
      yield report.notApplicable('a pod for Windows can not set the field');
      return;
    }
    for (const container of pod.containers) {
      const value = container.securityContext['allowPrivilegeEscalation'];
      if (value === false) continue;
      const place = container.place('securityContext', 'allowPrivilegeEscalation');
      yield report(value === true ? 'allowed' : 'unset', container, place);
    }
  },
});
