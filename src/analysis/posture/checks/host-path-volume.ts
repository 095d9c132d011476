import { defineCheck } from '../define-check.ts';
import { hostPathVolumes } from '../host-paths.ts';
import { everyPod } from '../subjects.ts';

/** A hostPath volume ties a pod to the files of whatever node it lands on. */
export const hostPathVolume = defineCheck({
  id: 'host-path-volume',
  title: 'A pod mounts a directory of its node',
  holds: 'No pod has a hostPath volume',
  severity: 'high',
  examines: everyPod,
  frameworks: { pss: 'baseline', cis: ['5.2.11'], nsa: ['pods'], attack: ['T1611'], owasp: ['K01'] },
  messages: {
    mounted: ({ name, path }: { readonly name: string; readonly path: string }) =>
      `volume ${name} is ${path} of the node`,
  },
  *run(pod, report) {
    for (const volume of hostPathVolumes(pod)) yield report('mounted', volume, volume.place);
  },
});
