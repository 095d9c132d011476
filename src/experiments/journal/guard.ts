import type { Clock } from '../ports.ts';

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

/** What a conductor tells its guard, one JSON document a line; the guard answers each line with the same line. */
export type GuardOrder =
  | { readonly kind: 'watch'; readonly run: string; readonly ttlMs: number }
  | { readonly kind: 'release'; readonly run: string };

/** What a guard hears, says and may do. */
export interface GuardDuty {
  /** What the conductor says. It ends when the conductor does, however that ends. */
  readonly orders: AsyncIterable<string>;
  readonly answer: (line: string) => void;
  /** Cleans up after a run; true when nothing of it is left. */
  readonly recover: (run: string) => Promise<boolean>;
  readonly clock: Clock;
  /** How long after its time to live a run is given to clean up after itself. */
  readonly graceMs: number;
  /** How long a recovery that leaves something is tried again. */
  readonly patienceMs: number;
}

const BETWEEN_TRIES_MS = 2_000;

/** The life of a guard: follows orders until the conductor is gone, then recovers every run that was not released. */
export async function standGuard(duty: GuardDuty): Promise<void> {
  const { clock } = duty;
  const watched = new Map<string, AbortController>();
  const recoveries: Promise<void>[] = [];
  const recover = async (run: string): Promise<void> => {
    watched.get(run)?.abort();
    watched.delete(run);
    const end = clock.now().getTime() + duty.patienceMs;
    while (!(await duty.recover(run).catch(() => false)) && clock.now().getTime() < end)
      await clock.sleep(BETWEEN_TRIES_MS);
  };
  for await (const line of duty.orders) {
    const order = parseOrder(line);
    if (!order) continue;
    watched.get(order.run)?.abort();
    watched.delete(order.run);
    if (order.kind === 'watch') {
      const called = new AbortController();
      watched.set(order.run, called);
      recoveries.push(
        clock.sleep(order.ttlMs + duty.graceMs, called.signal).then(async () => {
          if (!called.signal.aborted) await recover(order.run);
        }),
      );
    }
    duty.answer(line);
  }
  await Promise.all([...watched.keys()].map(recover));
  await Promise.all(recoveries);
}

function parseOrder(line: string): GuardOrder | undefined {
  try {
    const order = JSON.parse(line) as GuardOrder;
    return order.kind === 'watch' || order.kind === 'release' ? order : undefined;
  } catch {
    return undefined;
  }
}
