import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../model/errors.ts';
import { at, number, record, records, text, type JsonRecord } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import type { ContainerExit, RunningContainer } from './container.ts';
import type { NodeContext } from './context.ts';
import { launch, type Launched } from './launch.ts';
import { superviseProbes } from './probe-loops.ts';
import { createSandbox, nodeSandbox, type Sandbox } from './sandbox.ts';
import { podStatus, type ContainerRecord } from './status.ts';
import { prepareVolume } from './volumes.ts';
import { volumeSources } from './pod-sources.ts';

/** One pod on this node, from sandbox to removal. */
export interface PodWorker {
  readonly uid: string;
  /** The pod's object has changed. */
  update(pod: KubernetesObject): void;
  /** The pod's object is gone: whoever removed it does not wait for us. */
  removed(): void;
  /** The container that runs under this name now. */
  container(name: string): RunningContainer | undefined;
  readonly address: () => string | undefined;
  readonly pod: () => KubernetesObject;
  readonly running: () => readonly RunningContainer[];
  /** Log file of a container's present run, or of the one before. */
  logFile(container: string, previous: boolean): string | undefined;
  readonly finished: Promise<void>;
}

const FIRST_BACKOFF_MS = 10_000;
const LONGEST_BACKOFF_MS = 300_000;
/** A run this long lets the next failure be restarted at once. */
const BACKOFF_FORGOTTEN_MS = 600_000;
const RETRY_MS = 1_000;
const REFRESH_MS = 5_000;
/** Every so many refreshes tokens are renewed too. */
const TOKEN_ROUNDS = 240;

/** Starts to run a pod. What happens to it is published in its status. */
export function startPodWorker(first: KubernetesObject, node: NodeContext): PodWorker {
  let pod = first;
  const uid = first.metadata.uid ?? '';
  const directory = `${node.directory}/pods/${uid}`;
  const logDirectory = `${node.hostRoot}/var/log/pods/${first.metadata.namespace}_${first.metadata.name}_${uid}`;
  const stopping = new AbortController();
  const running = new Map<string, RunningContainer>();
  const logs = new Map<string, string[]>();
  const volumes = new Map<string, string>();
  const startTime = new Date();
  let graceSeconds: number | undefined;
  let sandbox: Sandbox | undefined;
  let initDone = false;
  let ended: 'Succeeded' | 'Failed' | undefined;
  const spec = record(first['spec']);
  const policy = text(spec['restartPolicy']) ?? 'Always';
  const initContainers = recordsOf(first, 'initContainers', 'initContainerStatuses');
  const containers = recordsOf(first, 'containers', 'containerStatuses');

  const publish = (): void =>
    node.status.publish(pod, () =>
      podStatus({
        pod,
        hostIP: node.plan.address,
        podIP: sandbox?.address,
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

  async function run(): Promise<void> {
    publish();
    await makeSandbox();
    await fillVolumes();
    const sidecars: Promise<unknown>[] = [];
    for (const [index, container] of records(spec['initContainers'])) {
      const state = initContainers[index];
      if (!state || stopped()) break;
      if (container['restartPolicy'] === 'Always') {
        sidecars.push(keepRunning(container, state, 'Always'));
        while (!stopped() && !state.started) await pause(50);
        continue;
      }
      const exit = await keepRunning(container, state, policy === 'Never' ? 'Never' : 'OnFailure');
      if (exit !== undefined && exit.exitCode !== 0 && !stopped()) return end('Failed');
    }
    initDone = true;
    publish();
    const exits = await Promise.all(
      records(spec['containers']).map(async ([index, container]) => {
        const state = containers[index];
        return state ? keepRunning(container, state, policy) : undefined;
      }),
    );
    const failed = exits.some((exit) => exit !== undefined && exit.exitCode !== 0);
    if (!stopped()) end(failed ? 'Failed' : 'Succeeded');
    await stopAll();
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

  async function fillVolumes(): Promise<void> {
    for (const [, volume] of records(spec['volumes'])) {
      const name = text(volume['name']) ?? '';
      while (!stopped() && !volumes.has(name)) {
        const sources = await volumeSources(pod, sandbox?.address ?? '', node);
        const made = await prepareVolume(volume, `${directory}/volumes/${name}`, sources).catch((thrown: unknown) => ({
          kind: 'failed' as const,
          reason: 'FailedMount',
          message: messageOf(thrown),
        }));
        if (made.kind === 'ok') {
          volumes.set(name, made.directory);
          continue;
        }
        event('Warning', made.reason, `MountVolume.SetUp failed for volume "${name}": ${made.message}`);
        await pause(RETRY_MS);
      }
    }
  }

  /** ConfigMaps and Secrets follow their objects, as the kubelet has it; tokens are renewed long before they end. */
  const refresh = setInterval(() => {
    if (stopped() || ended !== undefined) return;
    round++;
    const due = records(spec['volumes']).filter(([, volume]) => {
      if (!volumes.has(text(volume['name']) ?? '')) return false;
      if (volume['configMap'] !== undefined || volume['secret'] !== undefined) return true;
      return volume['projected'] !== undefined && round % TOKEN_ROUNDS === 0;
    });
    if (due.length === 0) return;
    void volumeSources(pod, sandbox?.address ?? '', node)
      .then(async (sources) => {
        for (const [, volume] of due)
          await prepareVolume(volume, volumes.get(text(volume['name']) ?? '') ?? '', sources);
      })
      .catch(() => undefined);
  }, REFRESH_MS);
  let round = 0;

  /** Runs a container again and again as the policy has it. Gives the exit after which it is not run again. */
  async function keepRunning(
    container: JsonRecord,
    state: ContainerRecord,
    restart: string,
  ): Promise<ContainerExit | undefined> {
    let backoff = 0;
    while (!stopped()) {
      const launched = await launchOnce(container, state);
      if (launched.kind === 'waiting') {
        state.state = { kind: 'waiting', reason: launched.reason, message: launched.message };
        publish();
        event('Warning', 'Failed', `Error: ${launched.reason}: ${launched.message}`);
        await pause(launched.retryMs);
        if (launched.next !== undefined) {
          state.state = { kind: 'waiting', reason: launched.next, message: launched.message };
          publish();
          await pause(launched.retryMs);
        }
        continue;
      }
      const exit = await live(launched.container, container, state);
      if (stopped() || restart === 'Never' || (restart === 'OnFailure' && exit.exitCode === 0)) return exit;
      if (exit.finishedAt.getTime() - exit.startedAt.getTime() > BACKOFF_FORGOTTEN_MS) backoff = 0;
      state.last = exit;
      if (backoff > 0) {
        const message = `back-off ${backoff / 1_000}s restarting failed container=${state.name} pod=${pod.metadata.name}`;
        state.state = { kind: 'waiting', reason: 'CrashLoopBackOff', message };
        publish();
        event('Warning', 'BackOff', message);
        await pause(backoff);
      }
      backoff = backoff === 0 ? FIRST_BACKOFF_MS : Math.min(backoff * 2, LONGEST_BACKOFF_MS);
      if (!stopped()) state.restarts++;
    }
    return undefined;
  }

  async function launchOnce(container: JsonRecord, state: ContainerRecord): Promise<Launched> {
    if (!sandbox) return { kind: 'waiting', reason: 'ContainerCreating', message: 'no sandbox', retryMs: RETRY_MS };
    const id = randomUUID().replaceAll('-', '');
    const logFile = `${logDirectory}/${state.name}/${state.restarts}.log`;
    const launched = await launch({ id, pod, container, sandbox, volumes, directory, logFile, node }).catch(
      (thrown: unknown): Launched => ({
        kind: 'waiting',
        reason: 'CreateContainerError',
        message: messageOf(thrown),
        retryMs: RETRY_MS,
      }),
    );
    if (launched.kind === 'started') {
      state.id = id;
      logs.set(state.name, [...(logs.get(state.name) ?? []), logFile].slice(-2));
    }
    return launched;
  }

  async function live(
    instance: RunningContainer,
    container: JsonRecord,
    state: ContainerRecord,
  ): Promise<ContainerExit> {
    running.set(state.name, instance);
    state.state = { kind: 'running', startedAt: instance.startedAt };
    state.started = container['startupProbe'] === undefined;
    state.ready = state.started && container['readinessProbe'] === undefined;
    publish();
    event('Normal', 'Started', `Started container ${state.name}`);
    const over = new AbortController();
    superviseProbes({ node, sandbox, container, state, instance, signal: over.signal, publish, event });
    if (stopped()) void stopOne(state.name, instance);
    const exit = await instance.exited;
    over.abort();
    running.delete(state.name);
    state.state = { kind: 'terminated', exit };
    state.ready = false;
    state.started = false;
    publish();
    return exit;
  }

  async function stopOne(name: string, instance: RunningContainer): Promise<void> {
    const grace = (graceSeconds ?? number(spec['terminationGracePeriodSeconds']) ?? 30) * 1_000;
    const container = [...records(spec['containers']), ...records(spec['initContainers'])].find(
      ([, c]) => c['name'] === name,
    );
    const deadline = Date.now() + grace;
    const preStop = at(container?.[1], 'lifecycle', 'preStop');
    if (preStop !== undefined && grace > 0) await node.hooks.preStop(preStop, instance, sandbox?.address ?? '', grace);
    if (grace > 0) instance.signal('SIGTERM');
    const left = Math.max(0, deadline - Date.now());
    const late = new AbortController();
    await Promise.race([instance.exited, delay(left, undefined, { signal: late.signal }).catch(() => undefined)]);
    late.abort();
    instance.signal('SIGKILL');
    await instance.exited;
  }

  async function stopAll(): Promise<void> {
    await Promise.all([...running].map(([name, instance]) => stopOne(name, instance)));
  }

  function stop(seconds: number | undefined): void {
    if (stopped()) {
      // Asked again with less patience.
      if (seconds === 0) for (const instance of running.values()) instance.signal('SIGKILL');
      return;
    }
    graceSeconds = seconds;
    if (running.size > 0)
      event('Normal', 'Killing', `Stopping ${[...running.keys()].map((n) => `container ${n}`).join(', ')}`);
    stopping.abort();
    void stopAll();
  }

  let objectGone = false;
  const asked = (): void => {
    if (pod.metadata.deletionTimestamp !== undefined) stop(number(pod.metadata['deletionGracePeriodSeconds']));
  };
  const finished = (async () => {
    asked();
    await run();
    // A pod that has ended keeps its object, its logs and nothing else until somebody deletes it.
    await stopAll();
    await sandbox?.remove();
    clearInterval(refresh);
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
    container: (name) => running.get(name),
    address: () => sandbox?.address,
    pod: () => pod,
    running: () => [...running.values()],
    logFile: (name, previous) => {
      const files = logs.get(name) ?? [];
      return previous ? (files.length > 1 ? files.at(-2) : undefined) : files.at(-1);
    },
    finished,
  };
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
