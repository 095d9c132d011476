import { number, records } from '../../../model/json.ts';
import { defineCheck } from '../define-check.ts';
import { everyPod } from '../subjects.ts';

/** A host port is open on every address of the node, without Service and often past NetworkPolicy. */
export const hostPort = defineCheck({
  id: 'host-port',
  title: 'A container takes a port of its node',
  holds: 'No container takes a port of its node',
  severity: 'medium',
  examines: everyPod,
  frameworks: { pss: 'baseline', cis: ['5.2.12'], nsa: ['pods', 'network'], attack: ['T1133'], owasp: ['K01', 'K06'] },
  messages: {
    taken: ({ name, port }: { readonly name: string; readonly port: number }) =>
      `container ${name} listens on port ${port} of its node`,
    byHostNetwork: ({ name, port }: { readonly name: string; readonly port: number }) =>
      `container ${name} listens on port ${port} of its node, because the pod is on the node's network`,
  },
  *run(pod, report) {
    const key = pod.spec['hostNetwork'] === true ? 'byHostNetwork' : 'taken';
    for (const container of pod.containers) {
      for (const [index, entry] of records(container.container['ports'])) {
        const port = number(entry['hostPort']) ?? 0;
        if (port !== 0) yield report(key, { name: container.name, port }, container.place('ports', index, 'hostPort'));
      }
    }
  },
});
