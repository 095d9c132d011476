import { z } from 'zod';
import { parseDuration } from '../../model/duration.ts';
import { at as dig, number, records } from '../../model/json.ts';
import { DurationSchema } from '../duration-schema.ts';
import { defineFault } from './define-fault.ts';
import { hogEnds, hogProcesses, hogResidue, limitOf, preflightHog, startHog, stopHog, type Hog } from './hog.ts';
import { ModeSchema, PodTargetSchema } from './pod-target.ts';

/** `tail -c N` of an endless file keeps the last N bytes in memory until its input ends, which is when `sleep` does. */
const memoryHog: Hog = {
  fault: 'memory-starvation',
  script: '{ head -c "$2" /dev/zero; sleep "$1"; } | tail -c "$2"; :',
  says: (bytes) => `hold ${Math.round(bytes / 1024 / 1024)} MiB of memory`,
};

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
};

/** A container has less memory than it was promised; past its limit the kernel ends one of its processes. */
export const memoryStarvation = defineFault({
  id: 'memory-starvation',
  title: 'A container is starved of memory',
  tier: 'T2',
  breaks: ['memory'],
  oneShot: false,
  parameters: z.strictObject({
    target: PodTargetSchema,
    mode: ModeSchema.default('one'),
    container: z.string().optional().describe('The first container when absent.'),
    percent: z
      .number()
      .gt(0)
      .max(100)
      .default(80)
      .describe('Of the memory limit of the container, which must have one.'),
    lasts: DurationSchema.default('5m').describe(
      'The memory is given back after this, or after the ttl if that is sooner.',
    ),
  }),
  preflight: (parameters, at) =>
    preflightHog(
      memoryHog,
      { ...parameters, lasts: parseDuration(parameters.lasts) ?? 0 },
      (pod, container) => {
        const bytes = bytesOf(limitOf(pod, container, 'memory'));
        // Without a limit it would be the node that starves, and everybody on it.
        if (bytes === undefined)
          return `container ${container} of pod ${pod.metadata.name} has no memory limit: the whole node would suffer`;
        return Math.floor((bytes * parameters.percent) / 100);
      },
      at,
    ),
  apply: (injection, at) => startHog(memoryHog, injection, at),
  undo: stopHog,
  residue: hogResidue,
  endsBy: hogEnds,
  async bit(injection, at) {
    const wanted = number(injection.data['amount']) ?? 0;
    let held = 0;
    for (let waited = 0; waited <= 5_000 && !at.signal.aborted; waited += 500) {
      const running = await hogProcesses(injection, at).catch(() => undefined);
      if (running === undefined) break;
      held = running.reduce((sum, process) => sum + process.pages * 4096, 0);
      if (held >= wanted * 0.8) return { bit: true, says: `${Math.round(held / 1024 / 1024)} MiB are held` };
      await at.clock.sleep(500, at.signal);
    }
    const pod = await at.cluster.get(injection.target);
    const killed =
      pod.kind === 'ok' &&
      records(dig(pod.value, 'status', 'containerStatuses')).some(
        ([, status]) => dig(status, 'lastState', 'terminated', 'reason') === 'OOMKilled',
      );
    if (killed) return { bit: true, says: 'the container ran out of memory and was killed' };
    return {
      bit: false,
      says: `only ${Math.round(held / 1024 / 1024)} of ${Math.round(wanted / 1024 / 1024)} MiB are held`,
    };
  },
});

/** Bytes of a quantity such as `64Mi`; undefined for what is no memory quantity. */
export function bytesOf(quantity: string | undefined): number | undefined {
  const found = /^(\d+(?:\.\d+)?)(Ki|Mi|Gi|k|M|G|)$/.exec(quantity ?? '');
  return found ? Number(found[1]) * (UNITS[found[2] ?? ''] ?? 1) : undefined;
}
