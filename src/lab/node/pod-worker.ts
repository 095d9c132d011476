import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../model/errors.ts';
import { at, number, record, records, text, type JsonRecord } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { createContainerRuns, type ContainerRuns, type RestartPolicy } from './container-runs.ts';
import type { NodeContext } from './context.ts';
import { RETRY_MS, type PodRun } from './pod-run.ts';
import { fillVolumes, keepVolumesFresh } from './pod-volumes.ts';
import { createSandbox, nodeSandbox, type Sandbox } from './sandbox.ts';
import { podStatus, type ContainerRecord } from './status.ts';

/** One pod on this node, from sandbox to removal. */
export interface PodWorker extends Pick<ContainerRuns, 'container' | 'running' | 'logFile'> {
  readonly uid: string;
  /** The pod's object has changed. */
  update(pod: KubernetesObject): void;
  /** The pod's object is gone: whoever removed it does not wait for us. */
  removed(): void;
  readonly sandbox: () => Sandbox | undefined;
  readonly pod: () => KubernetesObject;
  readonly finished: Promise<void>;
}

/** Starts to run a pod. What happens to it is published in its status. */
export function startPodWorker(first: KubernetesObject, node: NodeContext): PodWorker {
  let pod = first;
  const uid = first.metadata.uid ?? '';
  const directory = `${node.directory}/pods/${uid}`;
  const logDirectory = `${node.hostRoot}/var/log/pods/${first.metadata.namespace}_${first.metadata.name}_${uid}`;
  const stopping = new AbortController();
  const startTime = new Date();
  let graceSeconds: number | undefined;
  let sandbox: Sandbox | undefined;
  let initDone = false;
  let ended: 'Succeeded' | 'Failed' | undefined;
  const spec = record(first['spec']);
  const policy = restartPolicyOf(spec);
  const initContainers = recordsOf(first, 'initContainers', 'initContainerStatuses');
  const containers = recordsOf(first, 'containers', 'containerStatuses');

  const publish = (): void =>
    node.status.publish(pod, () =>
      podStatus({
        pod,
        hostIPs: node.plan.addresses,
        podIPs: sandbox?.addresses,
        startTime,
        initDone,
        initContainers,
        containers,
        ended,
        now: new Date(),
      }),
    );
  const event = (type: 'Normal' | 'Warning', reason: string, message: string): void =>
    node.events.record(pod, type, reason, message);
  const stopped = (): boolean => stopping.signal.aborted;
  /** Waits, unless the pod is to stop. */
  const pause = async (ms: number): Promise<void> => {
    await delay(ms, undefined, { signal: stopping.signal }).catch(() => undefined);
  };

  const run: PodRun = {
    node,
    pod: () => pod,
    spec,
    directory,
    logDirectory,
    sandbox: () => sandbox,
    volumes: new Map(),
    stopped,
    pause,
    publish,
    event,
  };
  const runs = createContainerRuns(run);
  const stopRefreshing = keepVolumesFresh(run);

  async function live(): Promise<void> {
    publish();
    await makeSandbox();
    await fillVolumes(run);
    const sidecars: Promise<unknown>[] = [];
    for (const [index, container] of records(spec['initContainers'])) {
      const state = initContainers[index];
      if (!state || stopped()) break;
      if (container['restartPolicy'] === 'Always') {
        sidecars.push(runs.keepRunning(container, state, 'Always'));
        while (!stopped() && !state.started) await pause(50);
        continue;
      }
      const exit = await runs.keepRunning(container, state, policy === 'Never' ? 'Never' : 'OnFailure');
      if (exit !== undefined && exit.exitCode !== 0 && !stopped()) return end('Failed');
    }
    initDone = true;
    publish();
    const exits = await Promise.all(
      records(spec['containers']).map(async ([index, container]) => {
        const state = containers[index];
        return state ? runs.keepRunning(container, state, policy) : undefined;
      }),
    );
    const failed = exits.some((exit) => exit !== undefined && exit.exitCode !== 0);
    if (!stopped()) end(failed ? 'Failed' : 'Succeeded');
    await runs.stopAll(graceSeconds);
    await Promise.all(sidecars);
  }

  function end(phase: 'Succeeded' | 'Failed'): void {
    ended = phase;
    for (const container of containers) container.ready = false;
    publish();
  }

  async function makeSandbox(): Promise<void> {
    while (!stopped() && !sandbox) {
      try {
        sandbox =
          spec['hostNetwork'] === true
            ? nodeSandbox(node.plan)
            : await createSandbox(uid, text(spec['hostname']) ?? pod.metadata.name, node.addresses);
      } catch (thrown) {
        event('Warning', 'FailedCreatePodSandBox', messageOf(thrown));
        await pause(RETRY_MS);
      }
    }
    publish();
  }

  function stop(seconds: number | undefined): void {
    if (stopped()) {
      // Asked again with less patience.
      if (seconds === 0) runs.killAll();
      return;
    }
    graceSeconds = seconds;
    const names = runs.running().map((instance) => `container ${instance.name}`);
    if (names.length > 0) event('Normal', 'Killing', `Stopping ${names.join(', ')}`);
    stopping.abort();
    void runs.stopAll(seconds);
  }

  let objectGone = false;
  const asked = (): void => {
    if (pod.metadata.deletionTimestamp !== undefined) stop(number(pod.metadata['deletionGracePeriodSeconds']));
  };
  const finished = (async () => {
    asked();
    await live();
    // A pod that has ended keeps its object, its logs and nothing else until somebody deletes it.
    await runs.stopAll(graceSeconds);
    await sandbox?.remove();
    stopRefreshing();
    if (!stopped()) await once(stopping.signal, 'abort');
    rmSync(directory, { recursive: true, force: true });
    rmSync(logDirectory, { recursive: true, force: true });
    if (!objectGone) await node.deletePod(pod);
  })();

  return {
    uid,
    update: (next) => {
      pod = next;
      asked();
    },
    removed: () => {
      objectGone = true;
      stop(0);
    },
    container: runs.container,
    sandbox: () => sandbox,
    pod: () => pod,
    running: runs.running,
    logFile: runs.logFile,
    finished,
  };
}

function restartPolicyOf(spec: JsonRecord): RestartPolicy {
  const written = spec['restartPolicy'];
  return written === 'Never' || written === 'OnFailure' ? written : 'Always';
}

/** What status says already counts: restarts go on from there after the node was away. */
function recordsOf(pod: KubernetesObject, field: string, statuses: string): readonly ContainerRecord[] {
  return records(at(pod, 'spec', field)).map(([, container]) => {
    const before = records(at(pod, 'status', statuses)).find(([, status]) => status['name'] === container['name'])?.[1];
    const ran = before !== undefined && at(before, 'state', 'waiting') === undefined;
    return {
      name: text(container['name']) ?? '',
      image: text(container['image']) ?? '',
      state: { kind: 'waiting', reason: field === 'initContainers' ? 'PodInitializing' : 'ContainerCreating' },
      last: undefined,
      restarts: (number(before?.['restartCount']) ?? 0) + (ran ? 1 : 0),
      started: false,
      ready: false,
      id: undefined,
    };
  });
}
