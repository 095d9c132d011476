import { sysctls } from '../../admission/pod-security/controls/sysctls.ts';
import { offencesOf, type ControlOffence } from '../controls.ts';
import { defineCheck } from '../define-check.ts';
import { everyPod } from '../subjects.ts';

/** A sysctl the kernel does not keep apart per pod changes the node for everybody. */
export const unsafeSysctl = defineCheck({
  id: 'unsafe-sysctl',
  title: 'A pod sets a sysctl that is not safe',
  holds: 'No pod sets a sysctl that is not safe',
  severity: 'medium',
  examines: everyPod,
  frameworks: { pss: 'baseline', nsa: ['pods'], attack: ['T1611'], owasp: ['K01'] },
  messages: {
    found: (o: ControlOffence) => `the pod sets sysctl ${o.value}, which can affect other pods or the node`,
  },
  *run(pod, report, context) {
    for (const offence of offencesOf(pod, sysctls, context)) yield report('found', offence, offence.place);
  },
});
