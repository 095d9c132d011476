import { setTimeout as delay } from 'node:timers/promises';
import type { JsonRecord } from '../../model/json.ts';
import type { RunningContainer } from './container.ts';
import type { NodeContext } from './context.ts';
import { probeOnce, probeSettings, type ProbeName, type ProbeTarget } from './probes.ts';
import type { Sandbox } from './sandbox.ts';
import type { ContainerRecord } from './status.ts';

export interface ProbedContainer {
  readonly node: NodeContext;
  readonly sandbox: Sandbox | undefined;
  readonly container: JsonRecord;
  readonly state: ContainerRecord;
  readonly instance: RunningContainer;
  /** Aborts when this run of the container is over. */
  readonly signal: AbortSignal;
  readonly publish: () => void;
  readonly event: (type: 'Normal' | 'Warning', reason: string, message: string) => void;
}

/** Probes one run of a container: startup first; once that has passed, liveness and readiness side by side. */
export function superviseProbes(probed: ProbedContainer): void {
  void (async () => {
    if (probed.container['startupProbe'] !== undefined) {
      await loop(probed, 'startupProbe', (passed) => {
        if (passed === false) kill(probed, 'startup');
        if (passed !== true) return 'go on';
        probed.state.started = true;
        probed.state.ready = probed.container['readinessProbe'] === undefined;
        probed.publish();
        return 'done';
      });
    }
    await Promise.all([
      loop(probed, 'livenessProbe', (passed) => {
        if (passed !== false) return 'go on';
        kill(probed, 'liveness');
        return 'done';
      }),
      loop(probed, 'readinessProbe', (passed) => {
        if (passed !== undefined && probed.state.ready !== passed) {
          probed.state.ready = passed;
          probed.publish();
        }
        return 'go on';
      }),
    ]);
  })();
}

function kill(probed: ProbedContainer, kind: string): void {
  probed.event('Normal', 'Killing', `Container ${probed.state.name} failed ${kind} probe, will be restarted`);
  probed.instance.signal('SIGTERM');
  void delay(2_000, undefined, { signal: probed.signal })
    .then(() => probed.instance.signal('SIGKILL'))
    .catch(() => undefined);
}

/**
 * Probes until the run is over or `judge` is done. `judge` gets true or false when enough probes in a row agree, and
 * undefined in between. Until a readiness probe has passed for the first time it is asked every 200 ms: a lab should
 * not wait for its own clock.
 */
async function loop(
  probed: ProbedContainer,
  name: ProbeName,
  judge: (passed: boolean | undefined) => 'go on' | 'done',
): Promise<void> {
  const settings = probeSettings(probed.container, name);
  if (!settings) return;
  const target: ProbeTarget = {
    address: probed.sandbox?.addresses[0] ?? '',
    container: probed.container,
    exec: (command, timeoutMs) => probed.node.exec(probed.instance, command, timeoutMs),
  };
  const { signal } = probed;
  let successes = 0;
  let failures = 0;
  let passedOnce = false;
  await delay(settings.initialDelayMs, undefined, { signal }).catch(() => undefined);
  while (!signal.aborted) {
    const result = await probeOnce(target, name, settings.timeoutMs);
    if (signal.aborted) return;
    successes = result.kind === 'success' ? successes + 1 : 0;
    failures = result.kind === 'success' ? 0 : failures + 1;
    passedOnce ||= result.kind === 'success';
    if (result.kind === 'failure' && (passedOnce || name !== 'readinessProbe')) {
      probed.event('Warning', 'Unhealthy', `${LABELS[name]} probe failed: ${result.message}`);
    }
    const verdict =
      successes >= settings.successThreshold ? true : failures >= settings.failureThreshold ? false : undefined;
    if (judge(verdict) === 'done') return;
    const impatient = name === 'readinessProbe' && !passedOnce;
    const period = impatient ? Math.min(settings.periodMs, 200) : settings.periodMs;
    await delay(period, undefined, { signal }).catch(() => undefined);
  }
}

const LABELS: Readonly<Record<ProbeName, string>> = {
  startupProbe: 'Startup',
  livenessProbe: 'Liveness',
  readinessProbe: 'Readiness',
};
