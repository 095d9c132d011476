import { defineCheck } from '../define-check.ts';
import { hasResource } from '../resource-defaults.ts';
import { everyPod } from '../subjects.ts';

/** Without a memory limit one container can take all of its node; a missing CPU limit is a choice many make on purpose. */
export const limitsMissing = defineCheck({
  id: 'limits-missing',
  title: 'A container may take all memory of its node',
  holds: 'Every container has a memory limit',
  severity: 'medium',
  examines: everyPod,
  alsoReads: ['LimitRange'],
  frameworks: { nsa: ['pods'], attack: ['T1496', 'T1499'], owasp: ['K01'] },
  messages: {
    memory: ({ name }: { readonly name: string }) => `container ${name} has no memory limit`,
  },
  *run(pod, report, context) {
    for (const container of pod.containers) {
      if (container.list === 'ephemeralContainers' || hasResource(pod, container, 'limits', 'memory', context))
        continue;
      yield report('memory', container, container.place('resources', 'limits'));
    }
  },
});
