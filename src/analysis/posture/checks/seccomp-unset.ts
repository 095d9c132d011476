import { defineCheck } from '../define-check.ts';
import { effective, isWindows } from '../pod-subject.ts';
import { everyPod } from '../subjects.ts';

/** A kubelet without `seccompDefault` runs a container unconfined when no profile is asked for. */
export const seccompUnset = defineCheck({
  id: 'seccomp-unset',
  title: 'No seccomp profile is asked for',
  holds: 'Every container asks for a seccomp profile',
  severity: 'medium',
  examines: everyPod,
  frameworks: { pss: 'restricted', cis: ['5.6.2'], nsa: ['pods'], attack: ['T1611'], owasp: ['K01'] },
  messages: {
    unset: ({ name }: { readonly name: string }) =>
      `container ${name} asks for no seccomp profile: unless its kubelet has seccompDefault, every system call is allowed`,
  },
  *run(pod, report) {
    if (isWindows(pod)) {
      yield report.notApplicable('Windows has no seccomp');
      return;
    }
    for (const container of pod.containers) {
      const profile = effective(pod, container, 'seccompProfile') ?? undefined;
      if (profile !== undefined || container.securityContext['privileged'] === true) continue;
      yield report('unset', container, container.place('securityContext', 'seccompProfile'));
    }
  },
});
