import { z } from 'zod';
import { parseDuration } from '../../model/duration.ts';
import { at as dig, number, records } from '../../model/json.ts';
import { DurationSchema } from '../duration-schema.ts';
import { defineFault, type FaultContext, type Injection } from './define-fault.ts';
import { execIn, hogEnds, hogResidue, limitOf, preflightHog, startHog, stopHog, type Hog } from './mechanisms/hog.ts';
import { ModeSchema, PodTargetSchema } from './targets/pod-target.ts';

/**
 * Holds what is missing between what the container uses (resident pages of its processes) and the amount. `tail -c N`
 * keeps the last N bytes of its input in memory until that ends, which is when `sleep` does.
 */
const memoryHog: Hog = {
  fault: 'memory-starvation',
  script:
    'u=0; for f in /proc/[0-9]*/statm; do read -r _ r _ 2>/dev/null <$f && u=$((u + r)); done; n=$(($2 - u * 4096)); [ $n -gt 0 ] || n=1; { head -c "$n" /dev/zero; sleep "$1"; } | tail -c "$n"; :',
  says: (bytes) => `fill memory up to ${mebibytes(bytes)}`,
};

/** Share of the amount that counts as reached: what a process holds is not all resident. */
const REACHED = 0.9;

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
      .describe('Of the memory limit of the container, which must have one; what it uses itself is counted.'),
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
    let used = 0;
    for (let waited = 0; waited <= 8_000 && !at.signal.aborted; waited += 500) {
      used = (await usedBytes(injection, at)) ?? used;
      if (used >= wanted * REACHED)
        return { bit: true, says: `${mebibytes(used)} are in use, ${mebibytes(wanted)} were meant to be` };
      await at.clock.sleep(500, at.signal);
    }
    const pod = await at.cluster.get(injection.target);
    const killed =
      pod.kind === 'ok' &&
      records(dig(pod.value, 'status', 'containerStatuses')).some(
        ([, status]) => dig(status, 'lastState', 'terminated', 'reason') === 'OOMKilled',
      );
    if (killed) return { bit: true, says: 'the container ran out of memory and was killed' };
    return { bit: false, says: `only ${mebibytes(used)} of ${mebibytes(wanted)} are in use` };
  },
});

/** Resident memory of all processes of the container; undefined when it can't be looked into. */
async function usedBytes(injection: Injection, at: FaultContext): Promise<number | undefined> {
  const looked = await execIn(injection, ['sh', '-c', 'cat /proc/[0-9]*/statm 2>/dev/null; true'], at);
  if (looked.kind !== 'exited') return undefined;
  return looked.stdout.split('\n').reduce((sum, line) => sum + Number(line.split(' ')[1] ?? 0) * 4096, 0);
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MiB`;
}

/** Bytes of a quantity such as `64Mi`; undefined for what is no memory quantity. */
export function bytesOf(quantity: string | undefined): number | undefined {
  const found = /^(\d+(?:\.\d+)?)(Ki|Mi|Gi|k|M|G|)$/.exec(quantity ?? '');
  return found ? Number(found[1]) * (UNITS[found[2] ?? ''] ?? 1) : undefined;
}
