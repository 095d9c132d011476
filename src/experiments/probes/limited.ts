/** Maps over items with at most `limit` at work at a time; the results keep the order of the items. */
export async function mapLimited<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = Array.from({ length: items.length });
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      results[index] = await work(items[index] as T, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}

/**
 * Lets pieces of work run side by side as long as their sizes (1 when absent) together are at most `limit`; the others
 * wait their turn, in order.
 */
export function limiter(limit: number): <T>(work: () => Promise<T>, size?: number) => Promise<T> {
  let taken = 0;
  const waiting: { readonly size: number; readonly start: () => void }[] = [];
  const admit = (): void => {
    for (let next = waiting[0]; next && (taken === 0 || taken + next.size <= limit); next = waiting[0]) {
      waiting.shift();
      taken += next.size;
      next.start();
    }
  };
  return async (work, size = 1) => {
    await new Promise<void>((start) => {
      waiting.push({ size, start });
      admit();
    });
    try {
      return await work();
    } finally {
      taken -= size;
      admit();
    }
  };
}
