import { defineCheck } from '../define-check.ts';
import { everyPod } from '../subjects.ts';

/** Shared memory and message queues of the node are readable for a pod in its IPC namespace. */
export const hostIpc = defineCheck({
  id: 'host-ipc',
  title: 'A pod shares the IPC namespace of its node',
  holds: 'No pod shares the IPC namespace of its node',
  severity: 'high',
  examines: everyPod,
  frameworks: { pss: 'baseline', cis: ['5.2.4'], nsa: ['pods'], attack: ['T1611'], owasp: ['K01'] },
  messages: {
    shared: () => 'the pod can read and write shared memory of processes on its node',
  },
  *run(pod, report) {
    if (pod.spec['hostIPC'] === true) yield report('shared', undefined, pod.place('spec', 'hostIPC'));
  },
});
