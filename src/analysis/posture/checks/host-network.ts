import { defineCheck } from '../define-check.ts';
import { everyPod } from '../subjects.ts';

/** On the network of the node no NetworkPolicy applies and the loopback address is the node itself. */
export const hostNetwork = defineCheck({
  id: 'host-network',
  title: 'A pod is on the network of its node',
  holds: 'No pod is on the network of its node',
  severity: 'high',
  examines: everyPod,
  frameworks: {
    pss: 'baseline',
    cis: ['5.2.5'],
    nsa: ['pods', 'network'],
    attack: ['T1611', 'T1046'],
    owasp: ['K01', 'K05', 'K08'],
  },
  messages: {
    shared: () =>
      'the pod uses the network of its node: NetworkPolicies do not bind it, and services on the loopback address of the node are in reach',
  },
  *run(pod, report) {
    if (pod.spec['hostNetwork'] === true) yield report('shared', undefined, pod.place('spec', 'hostNetwork'));
  },
});
