import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../model/errors.ts';
import { at, number, records, type JsonRecord } from '../../model/json.ts';
import type { ContainerExit, RunningContainer } from './container.ts';
import { launch, type Launched } from './launch.ts';
import { RETRY_MS, type PodRun } from './pod-run.ts';
import { superviseProbes } from './probe-loops.ts';
import type { ContainerRecord } from './status.ts';

export type RestartPolicy = 'Always' | 'OnFailure' | 'Never';

/** The containers of one pod, run after run. */
export interface ContainerRuns {
  /** Runs a container again and again as the policy has it. Gives the exit after which it is not run again. */
  keepRunning(
    container: JsonRecord,
    state: ContainerRecord,
    restart: RestartPolicy,
  ): Promise<ContainerExit | undefined>;
  /** The container that runs under this name now. */
  container(name: string): RunningContainer | undefined;
  readonly running: () => readonly RunningContainer[];
  /** Log file of a container's present run, or of the one before. */
  logFile(container: string, previous: boolean): string | undefined;
  /** Ends all that run: preStop, SIGTERM, and SIGKILL after so many seconds; the pod's own grace when undefined. */
  stopAll(graceSeconds: number | undefined): Promise<void>;
  /** Ends all that run, at once. */
  killAll(): void;
}

const FIRST_BACKOFF_MS = 10_000;
const LONGEST_BACKOFF_MS = 300_000;
/** A run this long lets the next failure be restarted at once. */
const BACKOFF_FORGOTTEN_MS = 600_000;

export function createContainerRuns(run: PodRun): ContainerRuns {
  const { node, spec } = run;
  const running = new Map<string, RunningContainer>();
  const logs = new Map<string, string[]>();
  /** Seconds of grace the pod was last asked to stop with. */
  let graceSeconds: number | undefined;

  async function keepRunning(
    container: JsonRecord,
    state: ContainerRecord,
    restart: string,
  ): Promise<ContainerExit | undefined> {
    let backoff = 0;
    while (!run.stopped()) {
      const launched = await launchOnce(container, state);
      if (launched.kind === 'waiting') {
        state.state = { kind: 'waiting', reason: launched.reason, message: launched.message };
        run.publish();
        run.event('Warning', 'Failed', `Error: ${launched.reason}: ${launched.message}`);
        await run.pause(launched.retryMs);
        if (launched.next !== undefined) {
          state.state = { kind: 'waiting', reason: launched.next, message: launched.message };
          run.publish();
          await run.pause(launched.retryMs);
        }
        continue;
      }
      const exit = await live(launched.container, container, state);
      if (run.stopped() || restart === 'Never' || (restart === 'OnFailure' && exit.exitCode === 0)) return exit;
      if (exit.finishedAt.getTime() - exit.startedAt.getTime() > BACKOFF_FORGOTTEN_MS) backoff = 0;
      state.last = exit;
      if (backoff > 0) {
        const message = `back-off ${backoff / 1_000}s restarting failed container=${state.name} pod=${run.pod().metadata.name}`;
        state.state = { kind: 'waiting', reason: 'CrashLoopBackOff', message };
        run.publish();
        run.event('Warning', 'BackOff', message);
        await run.pause(backoff);
      }
      backoff = backoff === 0 ? FIRST_BACKOFF_MS : Math.min(backoff * 2, LONGEST_BACKOFF_MS);
      if (!run.stopped()) state.restarts++;
    }
    return undefined;
  }

  async function launchOnce(container: JsonRecord, state: ContainerRecord): Promise<Launched> {
    const sandbox = run.sandbox();
    if (!sandbox) return { kind: 'waiting', reason: 'ContainerCreating', message: 'no sandbox', retryMs: RETRY_MS };
    const id = randomUUID().replaceAll('-', '');
    const logFile = `${run.logDirectory}/${state.name}/${state.restarts}.log`;
    const launched = await launch({
      id,
      pod: run.pod(),
      container,
      sandbox,
      volumes: run.volumes,
      directory: run.directory,
      logFile,
      node,
    }).catch((thrown: unknown): Launched => ({
      kind: 'waiting',
      reason: 'CreateContainerError',
      message: messageOf(thrown),
      retryMs: RETRY_MS,
    }));
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
    await Promise.race([instance.settled(), instance.exited]);
    state.state = { kind: 'running', startedAt: instance.startedAt };
    state.started = container['startupProbe'] === undefined;
    state.ready = state.started && container['readinessProbe'] === undefined;
    run.publish();
    run.event('Normal', 'Started', `Started container ${state.name}`);
    const over = new AbortController();
    superviseProbes({
      node,
      sandbox: run.sandbox(),
      container,
      state,
      instance,
      signal: over.signal,
      publish: () => run.publish(),
      event: (type, reason, message) => run.event(type, reason, message),
    });
    if (run.stopped()) void stopOne(state.name, instance);
    const exit = await instance.exited;
    over.abort();
    running.delete(state.name);
    state.state = { kind: 'terminated', exit };
    state.ready = false;
    state.started = false;
    run.publish();
    return exit;
  }

  async function stopOne(name: string, instance: RunningContainer): Promise<void> {
    const grace = (graceSeconds ?? number(spec['terminationGracePeriodSeconds']) ?? 30) * 1_000;
    const container = [...records(spec['containers']), ...records(spec['initContainers'])].find(
      ([, c]) => c['name'] === name,
    );
    const deadline = Date.now() + grace;
    const preStop = at(container?.[1], 'lifecycle', 'preStop');
    if (preStop !== undefined && grace > 0)
      await node.hooks.preStop(preStop, instance, run.sandbox()?.addresses[0] ?? '', grace);
    if (grace > 0) {
      await Promise.race([instance.settled(), instance.exited]);
      instance.signal('SIGTERM');
    }
    const left = Math.max(0, deadline - Date.now());
    const late = new AbortController();
    await Promise.race([instance.exited, delay(left, undefined, { signal: late.signal }).catch(() => undefined)]);
    late.abort();
    instance.signal('SIGKILL');
    await instance.exited;
  }

  return {
    keepRunning,
    container: (name) => running.get(name),
    running: () => [...running.values()],
    logFile: (name, previous) => {
      const files = logs.get(name) ?? [];
      return previous ? (files.length > 1 ? files.at(-2) : undefined) : files.at(-1);
    },
    stopAll: async (seconds) => {
      graceSeconds = seconds;
      await Promise.all([...running].map(([name, instance]) => stopOne(name, instance)));
    },
    killAll: () => {
      for (const instance of running.values()) instance.signal('SIGKILL');
    },
  };
}
