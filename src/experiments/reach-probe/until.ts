import type { FaultContext } from '../faults/define-fault.ts';
import type { ConnectCell } from '../probes/connect.ts';

/** Asks again and again until the answers are as hoped for, or time is up. */
export async function until(
  ask: () => Promise<readonly ConnectCell[]>,
  hoped: (cells: readonly ConnectCell[]) => boolean,
  forMs: number,
  { clock, signal }: FaultContext,
): Promise<{ readonly cells: readonly ConnectCell[]; readonly tookMs: number }> {
  const begun = clock.now().getTime();
  for (;;) {
    const asked = clock.now().getTime();
    const cells = await ask();
    if (hoped(cells)) return { cells, tookMs: asked - begun };
    if (clock.now().getTime() - begun > forMs) return { cells, tookMs: asked - begun };
    signal.throwIfAborted();
    await clock.sleep(100, signal);
  }
}
