/** Runs a task for each entry, at most `limit` at once. The first failure stops those not yet started and is thrown. */
export async function forEachConcurrently<T>(
  entries: readonly T[],
  limit: number,
  task: (entry: T) => Promise<void>,
): Promise<void> {
  const queue = entries[Symbol.iterator]();
  let failed = false;
  const worker = async (): Promise<void> => {
    for (const entry of queue) {
      if (failed) return;
      try {
        await task(entry);
      } catch (thrown) {
        failed = true;
        throw thrown;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, entries.length) }, worker));
}
