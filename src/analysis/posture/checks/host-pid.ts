import { defineCheck } from '../define-check.ts';
import { everyPod } from '../subjects.ts';

/** In the process namespace of the node /proc/PID shows environment and root directory of every process. */
export const hostPid = defineCheck({
  id: 'host-pid',
  title: 'A pod shares the processes of its node',
  holds: 'No pod shares the processes of its node',
  severity: 'high',
  examines: everyPod,
  frameworks: { pss: 'baseline', cis: ['5.2.3'], nsa: ['pods'], attack: ['T1611'], owasp: ['K01'] },
  messages: {
    shared: () => 'the pod sees every process of its node, their environment and, as the same user, their files',
  },
  *run(pod, report) {
    if (pod.spec['hostPID'] === true) yield report('shared', undefined, pod.place('spec', 'hostPID'));
  },
});
