import { procMount } from '../../admission/pod-security/controls/proc-mount.ts';
import { offencesOf, type ControlOffence } from '../controls.ts';
import { defineCheck } from '../define-check.ts';
import { everyPod } from '../subjects.ts';

/** Without the masks over /proc a container reads and writes settings of its kernel. */
export const procMountCheck = defineCheck({
  id: 'proc-mount',
  title: 'A container sees /proc unmasked',
  holds: 'Every container has the masks over /proc',
  severity: 'high',
  examines: everyPod,
  frameworks: { pss: 'baseline', nsa: ['pods'], attack: ['T1611'], owasp: ['K01'] },
  messages: {
    found: (o: ControlOffence) =>
      `${o.who} sets procMount: ${o.value}: what the runtime hides of the kernel is in reach`,
  },
  *run(pod, report, context) {
    for (const offence of offencesOf(pod, procMount, context)) yield report('found', offence, offence.place);
  },
});
