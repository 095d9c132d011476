import type { FaultContext } from '../faults/define-fault.ts';
import { must } from '../objects.ts';
import { askAll } from './ask.ts';
import { policyFor } from './canary-objects.ts';
import type { CanaryWorld } from './canary-world.ts';
import type { Ask } from './features.ts';
import type { ProbeKit } from './kits.ts';

/** What became of a connection that was open when a policy began to forbid it. Kubernetes leaves it to the implementation. */
export interface OpenConnection {
  readonly outcome: 'kept' | 'cut' | 'unknown';
  readonly says: string;
}

const SECONDS = 6;

/** Opens a connection, isolates its server, and looks whether the connection still carries data after new ones are blocked. */
export async function measureOpenConnection(
  kit: ProbeKit,
  world: CanaryWorld,
  at: FaultContext,
): Promise<OpenConnection> {
  const [from] = world.clients;
  const to = world.servers.at(-1);
  if (!kit.hold || !from || !to)
    return { outcome: 'unknown', says: `image ${kit.image} has no means to keep a connection open` };
  const ask: Ask = { from, to, port: 8080, protocol: 'TCP' };
  const closed = async (): Promise<boolean> =>
    (await askAll([ask], () => [], { prober: at.prober, now: at.clock.now, signal: at.signal }))[0]?.outcome ===
    'timeout';
  // The isolation of the last measurement must be over before this one begins.
  for (let tries = 0; await closed(); tries++)
    if (tries === 10) return { outcome: 'unknown', says: 'the server is not reached without any policy' };
  const begun = at.clock.now().getTime();
  const held = at.cluster.exec({ namespace: from.namespace, pod: from.name }, kit.hold(to.address, 8080, SECONDS), {
    timeoutMs: (SECONDS + 10) * 1_000,
  });
  await at.clock.sleep(1_000, at.signal);
  const policy = policyFor(world.namespace, 'open-connection', 'server', { ingress: [] });
  must(await at.cluster.create(policy), 'creating a policy');
  let blockedAfter: number | undefined;
  while (blockedAfter === undefined && at.clock.now().getTime() - begun < (SECONDS - 2) * 1_000) {
    if (await closed()) blockedAfter = at.clock.now().getTime() - begun;
    at.signal.throwIfAborted();
  }
  const result = await held;
  if (blockedAfter === undefined)
    return { outcome: 'unknown', says: 'new connections were not blocked while the old one was open' };
  const last = result.kind === 'exited' ? result.stdout.trim().split('\n').at(-1) : undefined;
  if (last === 'alive')
    return { outcome: 'kept', says: 'the open connection still carried data when new ones were blocked' };
  if (last === 'silent')
    return { outcome: 'cut', says: 'the open connection carried nothing any more once new ones were blocked' };
  const because = result.kind === 'failed' ? result.because : result.stderr.trim().split('\n')[0];
  return { outcome: 'unknown', says: `the connection could not be held: ${because ?? ''}` };
}
