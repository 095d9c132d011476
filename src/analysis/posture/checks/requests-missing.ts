import { defineCheck } from '../define-check.ts';
import { hasResource } from '../resource-defaults.ts';
import { everyPod } from '../subjects.ts';

/** The scheduler places pods by what they request; a container that requests nothing lands on a full node and is first to go. */
export const requestsMissing = defineCheck({
  id: 'requests-missing',
  title: 'A container requests no CPU or memory',
  holds: 'Every container requests CPU and memory',
  severity: 'low',
  examines: everyPod,
  alsoReads: ['LimitRange'],
  frameworks: { attack: ['T1499'], owasp: ['K01'] },
  messages: {
    missing: ({ name, resources }: { readonly name: string; readonly resources: string }) =>
      `container ${name} requests no ${resources}`,
  },
  *run(pod, report, context) {
    for (const container of pod.containers) {
      if (container.list === 'ephemeralContainers') continue;
      const missing = (['cpu', 'memory'] as const).filter((r) => !hasResource(pod, container, 'requests', r, context));
      if (missing.length === 0) continue;
      yield report(
        'missing',
        { name: container.name, resources: missing.join(' and no ') },
        container.place('resources', 'requests'),
      );
    }
  },
});
