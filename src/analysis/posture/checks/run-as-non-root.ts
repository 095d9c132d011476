import { defineCheck } from '../define-check.ts';
import { effective } from '../pod-subject.ts';
import { everyPod } from '../subjects.ts';

/** A container that may start as root is root as far as its node is concerned, unless it has a user namespace. */
export const runAsNonRoot = defineCheck({
  id: 'run-as-non-root',
  title: 'A container may run as root',
  holds: 'Every container must run as another user than root',
  severity: 'medium',
  examines: everyPod,
  frameworks: { pss: 'restricted', cis: ['5.2.7'], nsa: ['pods'], attack: ['T1611'], owasp: ['K01'] },
  messages: {
    image: ({ name }: { readonly name: string }) =>
      `container ${name} runs as whatever user its image names, which may be root`,
    root: ({ name }: { readonly name: string }) => `container ${name} runs as root: its uid is 0`,
    allowed: ({ name }: { readonly name: string }) => `container ${name} says runAsNonRoot: false`,
  },
  *run(pod, report) {
    if (pod.spec['hostUsers'] === false) {
      yield report.notApplicable('the pod has its own user namespace: its root is nobody on the node');
      return;
    }
    for (const container of pod.containers) {
      const nonRoot = effective(pod, container, 'runAsNonRoot');
      const uid = effective(pod, container, 'runAsUser');
      // A uid that is set counts even without runAsNonRoot: the kubelet starts the container as just that user.
      if (nonRoot === true || (typeof uid === 'number' && uid !== 0)) continue;
      const own = container.securityContext['runAsNonRoot'] !== undefined;
      const inherited = !own && pod.securityContext['runAsNonRoot'] !== undefined;
      const place = inherited
        ? { ...pod.place('spec', 'securityContext', 'runAsNonRoot'), container: container.name }
        : container.place('securityContext', 'runAsNonRoot');
      yield report(uid === 0 ? 'root' : nonRoot === false ? 'allowed' : 'image', container, place);
    }
  },
});
