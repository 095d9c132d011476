import { list } from '../../../model/json.ts';
import { defineCheck } from '../define-check.ts';
import { everyPod } from '../subjects.ts';

/** Files of group root are readable for a process with gid 0, on the node's volumes too. */
export const groupRoot = defineCheck({
  id: 'group-root',
  title: 'A container is in group root',
  holds: 'No container asks for group root',
  severity: 'low',
  examines: everyPod,
  frameworks: { cis: ['5.6.3'], nsa: ['pods'], attack: ['T1611'], owasp: ['K01'] },
  messages: {
    group: ({ who, field }: { readonly who: string; readonly field: string }) =>
      `${who} sets ${field} to 0, the group of root`,
  },
  *run(pod, report) {
    const context = ['spec', 'securityContext'] as const;
    for (const field of ['runAsGroup', 'fsGroup']) {
      if (pod.securityContext[field] === 0)
        yield report('group', { who: 'the pod', field }, pod.place(...context, field));
    }
    for (const [index, gid] of list(pod.securityContext['supplementalGroups']).entries()) {
      const field = 'supplementalGroups';
      if (gid === 0) yield report('group', { who: 'the pod', field }, pod.place(...context, field, index));
    }
    for (const container of pod.containers) {
      if (container.securityContext['runAsGroup'] !== 0) continue;
      const who = `container ${container.name}`;
      yield report('group', { who, field: 'runAsGroup' }, container.place('securityContext', 'runAsGroup'));
    }
  },
});
