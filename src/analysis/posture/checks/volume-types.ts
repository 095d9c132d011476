import { restrictedVolumes } from '../../admission/pod-security/controls/restricted-volumes.ts';
import { offencesOf, type ControlOffence } from '../controls.ts';
import { defineCheck } from '../define-check.ts';
import { everyPod } from '../subjects.ts';

/** Volumes of the node, or of storage named by the author of the pod, are not governed by storage classes. */
export const volumeTypes = defineCheck({
  id: 'volume-types',
  title: 'A pod uses a volume type that restricted forbids',
  holds: 'Every volume is of a type that restricted allows',
  severity: 'low',
  examines: everyPod,
  frameworks: { pss: 'restricted', nsa: ['pods'], attack: ['T1611'], owasp: ['K01'] },
  messages: {
    found: (o: ControlOffence) =>
      `the pod has a volume of type ${o.field}, which is mounted past the storage classes of the cluster`,
  },
  *run(pod, report, context) {
    for (const offence of offencesOf(pod, restrictedVolumes, context)) {
      // A hostPath is graver than its type, and has a check of its own.
      if (offence.field !== 'hostPath') yield report('found', offence, offence.place);
    }
  },
});
