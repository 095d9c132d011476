import { readUsage } from '../cgroups.ts';
import type { NodePlan } from '../network/addresses.ts';
import type { PodWorker } from './pod-worker.ts';

interface ContainerSample {
  readonly name: string;
  readonly startedAt: Date;
  readonly cpuNanoseconds: number | undefined;
  readonly memoryBytes: number | undefined;
}

interface PodSample {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly containers: readonly ContainerSample[];
}

/** What the containers of a node use now, as far as the machine's control groups say. */
export function samplePods(workers: Iterable<PodWorker>): readonly PodSample[] {
  return [...workers].map((worker) => {
    const { name, namespace = 'default' } = worker.pod().metadata;
    const containers = worker.running().map((container) => {
      const usage = readUsage(container.cgroup);
      return {
        name: container.name,
        startedAt: container.startedAt,
        cpuNanoseconds: usage.cpuNanoseconds,
        memoryBytes: usage.memoryBytes,
      };
    });
    return { namespace, name, uid: worker.uid, containers };
  });
}

/** The kubelet's `/metrics/resource` (Prometheus text). What is not measured has no line: it is not 0. */
export function resourceMetrics(pods: readonly PodSample[]): string {
  const lines = (name: string, help: string, type: string, values: readonly string[]): readonly string[] =>
    values.length === 0 ? [] : [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...values];
  const each = (metric: string, value: (container: ContainerSample) => number | undefined): readonly string[] =>
    pods.flatMap((pod) =>
      pod.containers.flatMap((container) => {
        const measured = value(container);
        const labels = `container="${container.name}",namespace="${pod.namespace}",pod="${pod.name}"`;
        return measured === undefined ? [] : [`${metric}{${labels}} ${measured}`];
      }),
    );
  const cpu = 'container_cpu_usage_seconds_total';
  const memory = 'container_memory_working_set_bytes';
  const start = 'container_start_time_seconds';
  return `${[
    ...lines(
      cpu,
      '[STABLE] Cumulative cpu time consumed by the container in core-seconds',
      'counter',
      each(cpu, (c) => seconds(c.cpuNanoseconds)),
    ),
    ...lines(
      memory,
      '[STABLE] Current working set of the container in bytes',
      'gauge',
      each(memory, (c) => c.memoryBytes),
    ),
    ...lines(
      start,
      '[STABLE] Start time of the container since unix epoch in seconds',
      'gauge',
      each(start, (c) => c.startedAt.getTime() / 1_000),
    ),
  ].join('\n')}\n`;
}

/** The kubelet's `/stats/summary` (JSON). */
export function statsSummary(plan: NodePlan, pods: readonly PodSample[], now: Date): string {
  const time = now.toISOString();
  return JSON.stringify({
    node: { nodeName: plan.name },
    pods: pods.map((pod) => ({
      podRef: { name: pod.name, namespace: pod.namespace, uid: pod.uid },
      containers: pod.containers.map((container) => ({
        name: container.name,
        startTime: container.startedAt.toISOString(),
        ...(container.cpuNanoseconds === undefined
          ? {}
          : { cpu: { time, usageCoreNanoSeconds: container.cpuNanoseconds } }),
        ...(container.memoryBytes === undefined ? {} : { memory: { time, workingSetBytes: container.memoryBytes } }),
      })),
    })),
  });
}

function seconds(nanoseconds: number | undefined): number | undefined {
  return nanoseconds === undefined ? undefined : nanoseconds / 1e9;
}
