import { addedCapabilities, droppedCapabilities } from '../capabilities.ts';
import { defineCheck } from '../define-check.ts';
import { isWindows } from '../pod-subject.ts';
import { everyPod } from '../subjects.ts';

/** Hardly any application needs a capability; what is not dropped is there for an intruder. */
export const capsDropAll = defineCheck({
  id: 'caps-drop-all',
  title: 'A container keeps capabilities it does not need',
  holds: 'Every container drops all capabilities and takes back at most NET_BIND_SERVICE',
  severity: 'medium',
  examines: everyPod,
  frameworks: { pss: 'restricted', cis: ['5.2.9'], nsa: ['pods'], attack: ['T1611'], owasp: ['K01'] },
  messages: {
    kept: ({ name }: { readonly name: string }) => `container ${name} does not drop ALL capabilities`,
    added: ({ name, capabilities }: { readonly name: string; readonly capabilities: string }) =>
      `container ${name} takes back ${capabilities}`,
  },
  *run(pod, report) {
    if (isWindows(pod)) {
      yield report.notApplicable('Windows has no capabilities');
      return;
    }
    for (const container of pod.containers) {
      const { name } = container;
      if (!droppedCapabilities(container).has('ALL')) {
        yield report('kept', { name }, container.place('securityContext', 'capabilities', 'drop'));
        continue;
      }
      const added = addedCapabilities(container).filter((one) => one.name !== 'NET_BIND_SERVICE');
      const [first] = added;
      if (!first) continue;
      const place = container.place('securityContext', 'capabilities', 'add', first.index);
      yield report('added', { name, capabilities: added.map((one) => one.name).join(', ') }, place);
    }
  },
});
