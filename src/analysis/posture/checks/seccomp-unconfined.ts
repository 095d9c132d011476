import { seccompProfileBaseline } from '../../admission/pod-security/controls/seccomp-profile-baseline.ts';
import { offencesOf, type ControlOffence } from '../controls.ts';
import { defineCheck } from '../define-check.ts';
import { everyPod } from '../subjects.ts';

/** Without seccomp every system call of the kernel is in reach, most of its past holes among them. */
export const seccompUnconfined = defineCheck({
  id: 'seccomp-unconfined',
  title: 'Seccomp is switched off',
  holds: 'No pod switches seccomp off',
  severity: 'high',
  examines: everyPod,
  frameworks: { pss: 'baseline', cis: ['5.6.2'], nsa: ['pods'], attack: ['T1611'], owasp: ['K01'] },
  messages: {
    found: (o: ControlOffence) => `${o.who} sets its seccomp profile to ${o.value}: every system call is allowed`,
  },
  *run(pod, report, context) {
    for (const offence of offencesOf(pod, seccompProfileBaseline, context))
      yield report('found', offence, offence.place);
  },
});
