import { addedCapabilities } from '../capabilities.ts';
import { defineCheck } from '../define-check.ts';
import { effective, isWindows } from '../pod-subject.ts';
import { everyPod } from '../subjects.ts';

/** A container that must be root, or needs capabilities, can have both in a user namespace and be nobody on its node. */
export const userNamespaceOff = defineCheck({
  id: 'user-namespace-off',
  title: 'A pod with root or capabilities has no user namespace',
  holds: 'The pod needs no user namespace, or has one',
  severity: 'low',
  examines: everyPod,
  frameworks: { nsa: ['pods'], attack: ['T1611'], owasp: ['K01'] },
  messages: {
    off: ({ name, why }: { readonly name: string; readonly why: string }) =>
      `container ${name} ${why}; with hostUsers: false that would end at the pod`,
  },
  *run(pod, report, { minor }) {
    if (isWindows(pod) || minor < 33) {
      yield report.notApplicable('user namespaces are for Linux and on by default since Kubernetes 1.33');
      return;
    }
    const onHost = ['hostNetwork', 'hostPID', 'hostIPC'].find((field) => pod.spec[field] === true);
    if (onHost !== undefined) {
      yield report.notApplicable(`a pod with ${onHost} can not have a user namespace`);
      return;
    }
    if (pod.spec['hostUsers'] === false) return;
    for (const container of pod.containers) {
      const why =
        effective(pod, container, 'runAsUser') === 0
          ? 'runs as root'
          : addedCapabilities(container).some(({ name }) => name !== 'NET_BIND_SERVICE')
            ? 'adds capabilities'
            : undefined;
      if (why === undefined) continue;
      yield report(
        'off',
        { name: container.name, why },
        { ...pod.place('spec', 'hostUsers'), container: container.name },
      );
      return;
    }
  },
});
