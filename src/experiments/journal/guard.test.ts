import { expect, test } from 'vitest';
import { systemClock } from '../system.ts';
import { standGuard, type GuardOrder } from './guard.ts';

const order = (given: GuardOrder): string => JSON.stringify(given);

/** A guard whose conductor says these lines and then ends; gives what was recovered and answered. */
async function afterwards(
  lines: readonly string[],
  options: {
    readonly ttl?: number;
    readonly recover?: (run: string) => Promise<boolean>;
    readonly lives?: () => Promise<void>;
  } = {},
): Promise<{ readonly recovered: readonly string[]; readonly answered: readonly string[] }> {
  const recovered: string[] = [];
  const answered: string[] = [];
  async function* orders(): AsyncGenerator<string> {
    yield* lines;
    await options.lives?.();
  }
  await standGuard({
    orders: orders(),
    answer: (line) => void answered.push(line),
    clock: { ...systemClock, sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 20), signal) },
    graceMs: 0,
    patienceMs: 60_000,
    recover: async (run) => {
      recovered.push(run);
      return (await options.recover?.(run)) ?? true;
    },
  });
  return { recovered, answered };
}

const watch = order({ kind: 'watch', run: 'r', ttlMs: 1_000_000 });

test('a conductor that ends without a word is recovered; one that said so is not', async () => {
  expect(await afterwards([watch])).toEqual({ recovered: ['r'], answered: [watch] });
  expect(await afterwards([watch, order({ kind: 'release', run: 'r' })])).toMatchObject({ recovered: [] });
  expect(await afterwards([])).toEqual({ recovered: [], answered: [] });
});

test('a run is recovered when its time to live is over, though its conductor lives', async () => {
  let done = (): void => undefined;
  const over = new Promise<void>((resolve) => (done = resolve));
  const found = await afterwards([watch], {
    lives: () => over,
    recover: async () => {
      done();
      return true;
    },
  });
  expect(found.recovered).toEqual(['r']);
});

test('a recovery that leaves something, or fails, is tried again', async () => {
  let tries = 0;
  const found = await afterwards([watch], {
    recover: async () => {
      tries++;
      if (tries === 1) throw new Error('the cluster is away');
      return tries === 3;
    },
  });
  expect(found.recovered).toEqual(['r', 'r', 'r']);
});

test('what is no order is passed over', async () => {
  expect(await afterwards(['', '{', '{"kind":"dance"}', watch])).toEqual({ recovered: ['r'], answered: [watch] });
});
