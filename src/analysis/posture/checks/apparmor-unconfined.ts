import { appArmorProfile } from '../../admission/pod-security/controls/app-armor-profile.ts';
import { offencesOf, type ControlOffence } from '../controls.ts';
import { defineCheck } from '../define-check.ts';
import { everyPod } from '../subjects.ts';

/** The default AppArmor profile forbids what a container never needs. */
export const apparmorUnconfined = defineCheck({
  id: 'apparmor-unconfined',
  title: 'AppArmor is switched off',
  holds: 'No pod switches AppArmor off',
  severity: 'medium',
  examines: everyPod,
  frameworks: { pss: 'baseline', cis: ['5.6.3'], nsa: ['pods'], attack: ['T1611'], owasp: ['K01'] },
  messages: {
    found: (o: ControlOffence) => `${o.who} sets its AppArmor profile to ${o.value}`,
  },
  *run(pod, report, context) {
    for (const offence of offencesOf(pod, appArmorProfile, context)) yield report('found', offence, offence.place);
  },
});
