import { addedCapabilities, droppedCapabilities } from '../capabilities.ts';
import { defineCheck } from '../define-check.ts';
import { isWindows } from '../pod-subject.ts';
import { everyPod } from '../subjects.ts';

/** NET_RAW is in most runtimes' default set; with it a container forges packets of its neighbours. */
export const capNetRaw = defineCheck({
  id: 'cap-net-raw',
  title: 'A container may send raw packets',
  holds: 'No container may send raw packets',
  severity: 'medium',
  examines: everyPod,
  frameworks: { pss: 'restricted', cis: ['5.2.8'], nsa: ['pods', 'network'], attack: ['T1557'], owasp: ['K01'] },
  messages: {
    kept: ({ name }: { readonly name: string }) =>
      `container ${name} keeps NET_RAW, which most runtimes give by default: it can forge packets on its network`,
    added: ({ name }: { readonly name: string }) =>
      `container ${name} adds NET_RAW: it can forge packets on its network`,
  },
  *run(pod, report) {
    if (isWindows(pod)) {
      yield report.notApplicable('Windows has no capabilities');
      return;
    }
    for (const container of pod.containers) {
      const added = addedCapabilities(container).find(({ name }) => name === 'NET_RAW' || name === 'ALL');
      const dropped = droppedCapabilities(container);
      if (added)
        yield report('added', container, container.place('securityContext', 'capabilities', 'add', added.index));
      else if (!dropped.has('ALL') && !dropped.has('NET_RAW')) {
        yield report('kept', container, container.place('securityContext', 'capabilities', 'drop'));
      }
    }
  },
});
