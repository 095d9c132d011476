import { at, records, text, type JsonRecord } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import type { PerFamily } from '../network/ip.ts';
import { qosClass } from '../qos-class.ts';
import type { ContainerExit } from './container.ts';

export type ContainerState =
  | { readonly kind: 'waiting'; readonly reason: string; readonly message?: string }
  | { readonly kind: 'running'; readonly startedAt: Date }
  | { readonly kind: 'terminated'; readonly exit: ContainerExit };

/** What is known of one container over all its runs. */
export interface ContainerRecord {
  readonly name: string;
  readonly image: string;
  state: ContainerState;
  last: ContainerExit | undefined;
  restarts: number;
  /** Passed its startup probe, or has none and runs. */
  started: boolean;
  ready: boolean;
  id: string | undefined;
}

export interface PodFacts {
  readonly pod: KubernetesObject;
  readonly hostIPs: PerFamily;
  readonly podIPs: PerFamily | undefined;
  readonly startTime: Date;
  readonly initDone: boolean;
  readonly initContainers: readonly ContainerRecord[];
  readonly containers: readonly ContainerRecord[];
  /** Set when the pod as a whole has ended. */
  readonly ended: 'Succeeded' | 'Failed' | undefined;
  readonly now: Date;
}

/** The pod's status as the kubelet would write it. Transition times are kept where a condition did not change. */
export function podStatus(facts: PodFacts): JsonRecord {
  const { pod, containers } = facts;
  const allReady = containers.every((container) => container.ready) && facts.initDone && facts.ended === undefined;
  const unready = containers.filter((container) => !container.ready).map((container) => container.name);
  const notReady =
    facts.ended === 'Succeeded'
      ? { reason: 'PodCompleted' }
      : { reason: 'ContainersNotReady', message: `containers with unready status: [${unready.join(' ')}]` };
  const ready = allReady ? { status: 'True' } : { status: 'False', ...notReady };
  return {
    phase: phaseOf(facts),
    startTime: stamp(facts.startTime),
    hostIP: facts.hostIPs[0],
    hostIPs: facts.hostIPs.map((ip) => ({ ip })),
    ...(facts.podIPs ? { podIP: facts.podIPs[0], podIPs: facts.podIPs.map((ip) => ({ ip })) } : {}),
    qosClass: qosClass(pod),
    conditions: conditions(pod, facts.now, [
      { type: 'PodReadyToStartContainers', status: facts.podIPs ? 'True' : 'False' },
      facts.initDone
        ? { type: 'Initialized', status: 'True' }
        : { type: 'Initialized', status: 'False', reason: 'ContainersNotInitialized' },
      { type: 'Ready', ...ready },
      { type: 'ContainersReady', ...ready },
      { type: 'PodScheduled', status: 'True' },
    ]),
    ...(facts.initContainers.length > 0 ? { initContainerStatuses: facts.initContainers.map(containerStatus) } : {}),
    containerStatuses: containers.map(containerStatus),
  };
}

function phaseOf(facts: PodFacts): string {
  if (facts.ended !== undefined) return facts.ended;
  const begun = facts.containers.every((c) => c.state.kind !== 'waiting' || c.restarts > 0 || c.last !== undefined);
  return facts.initDone && begun ? 'Running' : 'Pending';
}

type Condition = Readonly<Record<string, string>>;

function conditions(pod: KubernetesObject, now: Date, wanted: readonly Condition[]): readonly Condition[] {
  const before = records(at(pod, 'status', 'conditions')).map(([, condition]) => condition);
  const ours = wanted.map((condition) => {
    const old = before.find((candidate) => candidate['type'] === condition['type']);
    const since = old?.['status'] === condition['status'] ? text(old?.['lastTransitionTime']) : undefined;
    return { ...condition, lastProbeTime: null as unknown as string, lastTransitionTime: since ?? stamp(now) };
  });
  const known = new Set(wanted.map((condition) => condition['type']));
  return [...ours, ...(before.filter((condition) => !known.has(text(condition['type']) ?? '')) as Condition[])];
}

function containerStatus(container: ContainerRecord): JsonRecord {
  return {
    name: container.name,
    image: container.image,
    imageID: container.id === undefined ? '' : `lab://${container.image}`,
    ...(container.id === undefined ? {} : { containerID: `lab://${container.id}` }),
    ready: container.ready,
    started: container.started,
    restartCount: container.restarts,
    state: stateJson(container.state, container.id),
    lastState:
      container.last === undefined ? {} : stateJson({ kind: 'terminated', exit: container.last }, container.id),
  };
}

function stateJson(state: ContainerState, id: string | undefined): JsonRecord {
  switch (state.kind) {
    case 'waiting':
      return { waiting: { reason: state.reason, ...(state.message === undefined ? {} : { message: state.message }) } };
    case 'running':
      return { running: { startedAt: stamp(state.startedAt) } };
    case 'terminated':
      return {
        terminated: {
          exitCode: state.exit.exitCode,
          ...(state.exit.signal === 0 ? {} : { signal: state.exit.signal }),
          reason: state.exit.reason,
          startedAt: stamp(state.exit.startedAt),
          finishedAt: stamp(state.exit.finishedAt),
          ...(id === undefined ? {} : { containerID: `lab://${id}` }),
        },
      };
  }
}

/** Kubernetes times have whole seconds. */
export function stamp(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
