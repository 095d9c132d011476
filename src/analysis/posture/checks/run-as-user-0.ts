import { defineCheck } from '../define-check.ts';
import { everyPod } from '../subjects.ts';

/** Asking for uid 0 makes a container root whatever its image says. */
export const runAsUser0 = defineCheck({
  id: 'run-as-user-0',
  title: 'A container asks to run as root',
  holds: 'No container asks to run as root',
  severity: 'high',
  examines: everyPod,
  frameworks: { pss: 'restricted', cis: ['5.2.7'], nsa: ['pods'], attack: ['T1611'], owasp: ['K01'] },
  messages: {
    container: ({ name }: { readonly name: string }) => `container ${name} asks for uid 0`,
    pod: () => 'the pod asks for uid 0 for every container that does not say otherwise',
  },
  *run(pod, report) {
    if (pod.spec['hostUsers'] === false) {
      yield report.notApplicable('the pod has its own user namespace: its root is nobody on the node');
      return;
    }
    const inherits = pod.containers.some(
      ({ securityContext }) => (securityContext['runAsUser'] ?? undefined) === undefined,
    );
    if (pod.securityContext['runAsUser'] === 0 && inherits) {
      yield report('pod', undefined, pod.place('spec', 'securityContext', 'runAsUser'));
    }
    for (const container of pod.containers) {
      if (container.securityContext['runAsUser'] !== 0) continue;
      yield report('container', container, container.place('securityContext', 'runAsUser'));
    }
  },
});
