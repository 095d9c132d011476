import type { FaultContext, Injection, Residue } from '../faults/define-fault.ts';
import { injectionId } from '../faults/injection-id.ts';
import { createInjector } from '../journal/injector.ts';
import { openJournal, processStarted } from '../journal/local-journal.ts';
import { BEAT_MS } from '../journal/recover.ts';
import { canaryInjection, canaryNamespace } from '../faults/canary-namespace.ts';

/**
 * Makes a canary namespace, works in it, and removes it however the work ends. The intent is in the local journal and
 * in the cluster before the namespace is: `experiment recover` cleans up after a process that was killed.
 */
export async function inCanaryNamespace<T>(
  at: FaultContext,
  options: { readonly state: string },
  work: (namespace: string, injection: Injection) => Promise<T>,
): Promise<{ readonly value: T; readonly residue: readonly Residue[] }> {
  const time = (): string => at.clock.now().toISOString();
  const journal = openJournal(options.state, at.run);
  const beating = new AbortController();
  try {
    journal.append({
      kind: 'begin',
      at: time(),
      run: at.run,
      experiment: 'reach probe --canary',
      context: at.cluster.context,
      server: at.cluster.server,
      process: { pid: process.pid, started: processStarted(process.pid) ?? '' },
    });
    const injection = canaryInjection(injectionId(at.rng), at.run);
    const injector = createInjector({
      experiment: 'reach probe --canary',
      owner: injectionId(at.rng),
      journal,
      ttlMs: at.ttlMs,
    });
    const heart = beat(injector, at, beating.signal);
    let residue: readonly Residue[] = [];
    const takeBack = async (): Promise<void> => {
      beating.abort();
      await heart;
      residue = (await injector.undoAll(at)).flatMap((taken) => taken.residue);
      // A run with residue stays open, so that recovery looks at it again.
      if (residue.length === 0) journal.append({ kind: 'end', at: time(), state: 'finished' });
    };
    let value: T;
    try {
      await injector.apply(canaryNamespace, injection, at);
      value = await work(injection.target.name, injection);
    } finally {
      await takeBack();
    }
    return { value, residue };
  } finally {
    beating.abort();
    journal.close();
  }
}

async function beat(injector: ReturnType<typeof createInjector>, at: FaultContext, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await at.clock.sleep(BEAT_MS, signal);
    if (!signal.aborted) await injector.beat(at).catch(() => true);
  }
}
