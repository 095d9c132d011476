import type { FaultContext } from '../faults/define-fault.ts';
import type { Injector } from '../journal/injector.ts';
import { BEAT_MS } from '../journal/recover.ts';
import type { Clock } from '../ports.ts';

/** Tells the cluster again and again that the conductor lives, until the signal aborts; `lost` when somebody took over. */
export async function heartbeat(injector: Injector, at: FaultContext, lost: () => void): Promise<void> {
  while (!at.signal.aborted) {
    await at.clock.sleep(BEAT_MS, at.signal);
    if (at.signal.aborted || injector.active.length === 0) continue;
    const ours = await injector.beat(at).catch(() => true);
    if (!ours && !at.signal.aborted && injector.active.length > 0) lost();
  }
}

/** The time to live of a run: counts from the first fault to the end of the watch on the way back. */
export interface TimeToLive {
  /** Starts counting; later calls change nothing. */
  start(): void;
  /** What is left of it, in milliseconds; all of it before it was started. */
  left(): number;
  cancel(): Promise<void>;
}

/** Calls `over` once so long after its start, unless it is cancelled. */
export function timeToLive(lastsMs: number, clock: Clock, over: () => void): TimeToLive {
  const cancelled = new AbortController();
  let begun: number | undefined;
  let waiting: Promise<void> | undefined;
  return {
    start() {
      if (waiting) return;
      begun = clock.now().getTime();
      waiting = clock.sleep(lastsMs, cancelled.signal).then(() => {
        if (!cancelled.signal.aborted) over();
      });
    },
    left: () => (begun === undefined ? lastsMs : Math.max(0, lastsMs - (clock.now().getTime() - begun))),
    async cancel() {
      cancelled.abort();
      await waiting;
    },
  };
}
