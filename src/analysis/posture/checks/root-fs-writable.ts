import { defineCheck } from '../define-check.ts';
import { isWindows } from '../pod-subject.ts';
import { everyPod } from '../subjects.ts';

/** In a writable root file system an intruder can put tools and change the program that runs. */
export const rootFsWritable = defineCheck({
  id: 'root-fs-writable',
  title: 'A container can change its own image',
  holds: 'Every container has a read-only root file system',
  severity: 'low',
  examines: everyPod,
  frameworks: { cis: ['5.6.3'], nsa: ['pods'], attack: ['T1105'], owasp: ['K01'] },
  messages: {
    writable: ({ name }: { readonly name: string }) => `container ${name} has a writable root file system`,
  },
  *run(pod, report) {
    if (isWindows(pod)) {
      yield report.notApplicable('Windows containers need a writable root file system');
      return;
    }
    for (const container of pod.containers) {
      if (container.securityContext['readOnlyRootFilesystem'] === true || container.list === 'ephemeralContainers')
        continue;
      yield report('writable', container, container.place('securityContext', 'readOnlyRootFilesystem'));
    }
  },
});
