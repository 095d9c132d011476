import { defineCheck } from '../define-check.ts';
import { everyPod } from '../subjects.ts';

/** A debug container stays until its pod goes; it shows that somebody was inside, with tools. */
export const ephemeralContainerLive = defineCheck({
  id: 'ephemeral-container-live',
  title: 'A live pod has a debug container',
  holds: 'No live pod has a debug container',
  severity: 'medium',
  examines: everyPod,
  frameworks: { nsa: ['logging'], attack: ['T1609'], owasp: ['K10'] },
  messages: {
    present: ({ name, pod }: { readonly name: string; readonly pod: string }) =>
      `debug container ${name} is in pod ${pod}, and stays until the pod is deleted`,
  },
  *run(pod, report) {
    for (const container of pod.containers) {
      if (container.list !== 'ephemeralContainers') continue;
      const place = container.place();
      yield report('present', { name: container.name, pod: place.resource.object.metadata.name }, place);
    }
  },
});
