/**
 * The dead man's switch of a conductor: another process, which recovers a run at once when the conductor's process
 * ends without releasing it, and in any case when its time to live is over.
 */
export interface Guard {
  /** Resolves when the run is being watched; rejects when it can't be, and then nothing may be injected. */
  watch(run: string, ttlMs: number): Promise<void>;
  /** The run has ended and cleaned up after itself. */
  release(run: string): Promise<void>;
}
