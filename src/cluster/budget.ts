/** How fast requests may follow each other: on average, and in a burst. */
export interface RateLimit {
  readonly perSecond: number;
  readonly burst: number;
}

/** kubectl's own limits are 50 and 300; nothing we do is urgent enough to burst like that. */
export const DEFAULT_RATE: RateLimit = { perSecond: 50, burst: 100 };

/**
 * A token bucket shared by everything that talks to one API server, so that we never hammer it. `take` waits for
 * its turn; turns are given in the order asked.
 */
export function createBudget(
  { perSecond, burst }: RateLimit,
  clock: { readonly now: () => number; readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void> },
): { take(signal?: AbortSignal): Promise<void> } {
  /** When the next token beyond the burst is earned, counted as debt: the moment the bucket was last full. */
  let emptySince = clock.now() - (burst * 1000) / perSecond;
  return {
    async take(signal) {
      const now = clock.now();
      emptySince = Math.max(emptySince, now - (burst * 1000) / perSecond) + 1000 / perSecond;
      const wait = emptySince - now;
      if (wait > 0) await clock.sleep(wait, signal);
    },
  };
}
