import { z } from 'zod';
import { parseDuration } from '../../model/duration.ts';
import { number } from '../../model/json.ts';
import { DurationSchema } from '../duration-schema.ts';
import { defineFault } from './define-fault.ts';
import { hogEnds, hogProcesses, hogResidue, preflightHog, startHog, stopHog, type Hog } from './mechanisms/hog.ts';
import { ModeSchema, PodTargetSchema } from './targets/pod-target.ts';

/** Loops that last as long as one sleeping child: nothing of them asks for the time, and killing the child ends them. */
const cpuHog: Hog = {
  fault: 'cpu-starvation',
  script:
    'sleep "$1" & s=$!; i=0; while [ $i -lt "$2" ]; do (while kill -0 $s 2>/dev/null; do :; done) & i=$((i+1)); done; wait $s',
  says: (threads) => `keep ${threads} CPU${threads === 1 ? '' : 's'} busy`,
};

/** The time it is watched for whether the CPU is really being used. */
const WATCH_MS = 1_000;

/** A container has to share its CPU (or its limit) with loops that do nothing. */
export const cpuStarvation = defineFault({
  id: 'cpu-starvation',
  title: 'A container is starved of CPU',
  tier: 'T2',
  breaks: ['cpu'],
  oneShot: false,
  parameters: z.strictObject({
    target: PodTargetSchema,
    mode: ModeSchema.default('one'),
    container: z.string().optional().describe('The first container when absent.'),
    threads: z.int().min(1).max(64).default(2),
    lasts: DurationSchema.default('5m').describe(
      'The loops end by themselves after this, or after the ttl if that is sooner.',
    ),
  }),
  preflight: (parameters, at) =>
    preflightHog(cpuHog, { ...parameters, lasts: parseDuration(parameters.lasts) ?? 0 }, () => parameters.threads, at),
  apply: (injection, at) => startHog(cpuHog, injection, at),
  undo: stopHog,
  residue: hogResidue,
  endsBy: hogEnds,
  async bit(injection, at) {
    try {
      const before = await hogProcesses(injection, at);
      await at.clock.sleep(WATCH_MS, at.signal);
      const after = await hogProcesses(injection, at);
      const used =
        after.reduce((sum, process) => sum + process.ticks, 0) -
        before.reduce((sum, process) => sum + process.ticks, 0);
      const threads = number(injection.data['amount']) ?? 1;
      const says = `${after.filter((process) => process.kind === 'marked').length} processes used ${(used / 100).toFixed(2)} s of CPU in about a second`;
      // A container limited to 50m may give its burners no more than 5 ticks: any use while they are all there is a bite.
      return { bit: after.length >= threads && used > 0, says };
    } catch (thrown) {
      return { bit: 'unknown', says: `the container can't be looked into: ${String(thrown)}` };
    }
  },
});
