import { seLinuxOptions } from '../../admission/pod-security/controls/se-linux-options.ts';
import { offencesOf, type ControlOffence } from '../controls.ts';
import { defineCheck } from '../define-check.ts';
import { everyPod } from '../subjects.ts';

/** Another SELinux type, user or role may not be confined at all. */
export const selinuxOptionsCheck = defineCheck({
  id: 'selinux-options',
  title: 'A pod leaves the SELinux confinement of containers',
  holds: 'Every pod keeps the SELinux confinement of containers',
  severity: 'medium',
  examines: everyPod,
  frameworks: { pss: 'baseline', cis: ['5.6.3'], nsa: ['pods'], attack: ['T1611'], owasp: ['K01'] },
  messages: {
    found: (o: ControlOffence) => `${o.who} sets seLinuxOptions.${o.field} to ${o.value}`,
  },
  *run(pod, report, context) {
    for (const offence of offencesOf(pod, seLinuxOptions, context)) yield report('found', offence, offence.place);
  },
});
