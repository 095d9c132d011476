import { BASELINE_CAPABILITIES } from '../../admission/pod-security/controls/capabilities-baseline.ts';
import { addedCapabilities } from '../capabilities.ts';
import { defineCheck } from '../define-check.ts';
import { everyPod } from '../subjects.ts';

/** What the runtime does not give by default reaches further than a container should. */
export const capsBeyondBaseline = defineCheck({
  id: 'caps-beyond-baseline',
  title: 'A container adds capabilities beyond the default set',
  holds: 'No container adds a capability beyond the default set',
  severity: 'high',
  examines: everyPod,
  frameworks: { pss: 'baseline', cis: ['5.2.9'], nsa: ['pods'], attack: ['T1611', 'T1068'], owasp: ['K01'] },
  messages: {
    added: ({ container, capability }: { readonly container: string; readonly capability: string }) =>
      `container ${container} adds ${capability}, which is not in the default set`,
  },
  *run(pod, report) {
    for (const container of pod.containers) {
      for (const { name, index } of addedCapabilities(container)) {
        if (BASELINE_CAPABILITIES.has(name)) continue;
        const place = container.place('securityContext', 'capabilities', 'add', index);
        yield report('added', { container: container.name, capability: name }, place);
      }
    }
  },
});
