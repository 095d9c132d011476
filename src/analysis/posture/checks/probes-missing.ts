import { isRecord, records } from '../../../model/json.ts';
import { defineCheck } from '../define-check.ts';
import { everyPod } from '../subjects.ts';

/** Kinds whose pods are meant to go on for ever. */
const LONG_RUNNING = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController'];

/** Without a readiness probe a Service sends requests to a pod that can't answer yet, or no more. */
export const probesMissing = defineCheck({
  id: 'probes-missing',
  title: 'A container that listens has no readiness probe',
  holds: 'Every container that listens has a readiness probe',
  severity: 'low',
  examines: everyPod,
  frameworks: {},
  messages: {
    readiness: ({ name }: { readonly name: string }) =>
      `container ${name} listens on a port and has no readiness probe: it gets requests as soon as its process is there`,
    same: ({ name }: { readonly name: string }) =>
      `container ${name} is restarted by the same probe that takes it out of service: load alone can kill it`,
  },
  *run(pod, report) {
    if (!LONG_RUNNING.includes(pod.workload.ref.kind)) {
      yield report.notApplicable('only long-running workloads need probes');
      return;
    }
    for (const container of pod.containers) {
      const { readinessProbe, livenessProbe, ports } = container.container;
      if (container.list !== 'containers' || records(ports).length === 0) continue;
      if (!isRecord(readinessProbe)) yield report('readiness', container, container.place('readinessProbe'));
      else if (isRecord(livenessProbe) && sameProbe(readinessProbe, livenessProbe)) {
        yield report('same', container, container.place('livenessProbe'));
      }
    }
  },
});

/** Identical in what is asked and in when it is given up. */
function sameProbe(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}
