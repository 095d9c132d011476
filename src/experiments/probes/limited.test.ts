import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { limiter } from './limited.ts';

test('pieces of work run side by side as far as their sizes allow, and in the order they came', async () => {
  const limit = limiter(4);
  let running = 0;
  let most = 0;
  const begun: number[] = [];
  const work = (id: number, size: number): Promise<void> =>
    limit(async () => {
      begun.push(id);
      running += size;
      most = Math.max(most, running);
      await turn();
      running -= size;
    }, size);
  await Promise.all([3, 2, 1, 4, 1, 1, 2, 4, 1].map((size, id) => work(id, size)));
  expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect(most).toBe(4);
});

test('work that fails gives its place free', async () => {
  const limit = limiter(1);
  await expect(limit(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await limit(async () => 'yes')).toBe('yes');
});
