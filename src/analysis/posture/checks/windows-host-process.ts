import { windowsHostProcess } from '../../admission/pod-security/controls/windows-host-process.ts';
import { offencesOf, type ControlOffence } from '../controls.ts';
import { defineCheck } from '../define-check.ts';
import { everyPod } from '../subjects.ts';

/** A HostProcess container on Windows has no isolation at all. */
export const windowsHostProcessCheck = defineCheck({
  id: 'windows-host-process',
  title: 'A Windows container is a process of its node',
  holds: 'No Windows container is a process of its node',
  severity: 'critical',
  examines: everyPod,
  frameworks: { pss: 'baseline', cis: ['5.2.10'], nsa: ['pods'], attack: ['T1611'], owasp: ['K01'] },
  messages: {
    found: (o: ControlOffence) => `${o.who} is a HostProcess: it runs on the node itself`,
  },
  *run(pod, report, context) {
    for (const offence of offencesOf(pod, windowsHostProcess, context)) yield report('found', offence, offence.place);
  },
});
