import { defineCheck } from '../define-check.ts';
import { everyPod } from '../subjects.ts';

/** A privileged container has every capability, every device and no confinement: it is root on its node. */
export const privilegedContainer = defineCheck({
  id: 'privileged-container',
  title: 'A container is privileged',
  holds: 'No container is privileged',
  severity: 'critical',
  examines: everyPod,
  frameworks: { pss: 'baseline', cis: ['5.2.2'], nsa: ['pods'], attack: ['T1611'], owasp: ['K01'] },
  messages: {
    privileged: ({ name }: { readonly name: string }) => `container ${name} is privileged: it is root on its node`,
  },
  *run(pod, report) {
    for (const container of pod.containers) {
      if (container.securityContext['privileged'] !== true) continue;
      yield report('privileged', container, container.place('securityContext', 'privileged'));
    }
  },
});
