import { hostProbesAndHostLifecycle } from '../../admission/pod-security/controls/host-probes-and-host-lifecycle.ts';
import { offencesOf, type ControlOffence } from '../controls.ts';
import { defineCheck } from '../define-check.ts';
import { everyPod } from '../subjects.ts';

/** The kubelet calls the host of a probe from the network of the node, past every NetworkPolicy. */
export const probeLifecycleHost = defineCheck({
  id: 'probe-lifecycle-host',
  title: 'A probe or hook names its own host',
  holds: 'No probe or hook names its own host',
  severity: 'medium',
  examines: everyPod,
  frameworks: { pss: 'baseline', nsa: ['pods'], attack: ['T1046'], owasp: ['K01', 'K05'] },
  messages: {
    found: (o: ControlOffence) => `${o.who} makes the kubelet call ${o.value} from the network of the node`,
  },
  *run(pod, report, context) {
    for (const offence of offencesOf(pod, hostProbesAndHostLifecycle, context))
      yield report('found', offence, offence.place);
  },
});
