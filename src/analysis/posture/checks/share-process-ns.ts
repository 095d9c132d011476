import { defineCheck } from '../define-check.ts';
import { everyPod } from '../subjects.ts';

/** Containers of a shared process namespace read each other's environment and, through /proc, files. */
export const shareProcessNs = defineCheck({
  id: 'share-process-ns',
  title: 'The containers of a pod share their processes',
  holds: "The containers of the pod do not see each other's processes",
  severity: 'low',
  examines: everyPod,
  frameworks: { nsa: ['pods'], attack: ['T1552.007'], owasp: ['K01'] },
  messages: {
    shared: ({ names }: { readonly names: string }) =>
      `containers ${names} see each other's processes, environment and files`,
  },
  *run(pod, report) {
    if (pod.spec['shareProcessNamespace'] !== true || pod.containers.length < 2) return;
    const names = pod.containers.map(({ name }) => name).join(', ');
    yield report('shared', { names }, pod.place('spec', 'shareProcessNamespace'));
  },
});
