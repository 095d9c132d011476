import type { FaultContext } from '../faults/define-fault.ts';
import { must } from '../objects.ts';
import { refOf, type KubernetesObject } from '../../model/object.ts';
import { askAll } from './ask.ts';
import { canaryPod, fromRole, ROLE } from './canary-objects.ts';
import type { CanaryWorld } from './canary-world.ts';
import type { ProbeKit } from './kits.ts';

/** How long a pod that just started was not yet isolated by a policy that was there before it. */
export interface StartWindow {
  readonly node: string;
  /** Milliseconds in which connections went through that the policy forbids; 0 when none did. */
  readonly milliseconds: number | 'unknown';
  readonly attempts: number;
  readonly says: string;
}

const WAIT_MS = 45_000;
const IN_FORCE_MS = 15_000;
/** Of /proc/uptime. */
const RESOLUTION_MS = 10;

/**
 * Starts a pod on each node under a policy that forbids it everything but the control, and lets it dial a server from
 * its first moment. What gets through was unprotected.
 */
export async function measureStart(
  kit: ProbeKit,
  world: CanaryWorld,
  nodes: readonly string[],
  at: FaultContext,
): Promise<readonly StartWindow[]> {
  const { attempts } = kit;
  if (!attempts) {
    const says = `image ${kit.image} has no means to dial from its first moment`;
    return nodes.map((node) => ({ node, milliseconds: 'unknown', attempts: 0, says }));
  }
  must(await at.cluster.create(latePolicy(world.namespace)), 'creating the policy of the late pods');
  // What is measured is the start of a pod, not of a policy: the clients, selected too, show that it is in force.
  if (!(await inForce(world, at))) {
    const says = 'the policy of the late pods did not get into force';
    return nodes.map((node) => ({ node, milliseconds: 'unknown', attempts: 0, says }));
  }
  const windows = await Promise.all(
    nodes.map(async (node, i): Promise<StartWindow> => {
      const target = world.servers[i];
      const command = attempts(target?.address ?? '', 8080);
      const pod = canaryPod(
        world.namespace,
        `late-${i}`,
        'late',
        node,
        [{ ...kit.client(), command, args: [], volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
        { volumes: [{ name: 'data', emptyDir: {} }], ttlSeconds: at.ttlMs / 1_000 },
      );
      const created = await at.cluster.create(pod);
      if (created.kind !== 'ok') return { node, milliseconds: 'unknown', attempts: 0, says: created.because };
      return windowOf(node, await readAttempts(world.namespace, `late-${i}`, at));
    }),
  );
  must(await at.cluster.delete(refOf(latePolicy(world.namespace))), 'deleting the policy of the late pods');
  return windows;
}

function latePolicy(namespace: string): KubernetesObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'late', namespace, labels: { 'app.kubernetes.io/managed-by': 'seaworthy' } },
    spec: {
      podSelector: { matchExpressions: [{ key: ROLE, operator: 'In', values: ['late', 'client'] }] },
      policyTypes: ['Egress'],
      egress: [{ to: [fromRole('control')] }],
    },
  };
}

async function inForce(world: CanaryWorld, at: FaultContext): Promise<boolean> {
  const [to] = world.servers;
  if (!to) return false;
  const asks = world.clients.map((from) => ({ from, to, port: 8080, protocol: 'TCP' as const }));
  const until = at.clock.now().getTime() + IN_FORCE_MS;
  while (at.clock.now().getTime() < until) {
    const cells = await askAll(asks, () => [], { prober: at.prober, now: at.clock.now, signal: at.signal });
    if (cells.every(({ outcome }) => outcome !== 'connected')) return true;
    at.signal.throwIfAborted();
    await at.clock.sleep(100, at.signal);
  }
  return false;
}

async function readAttempts(namespace: string, pod: string, at: FaultContext): Promise<string> {
  let seen = '';
  for (let waited = 0; waited < WAIT_MS && !seen.endsWith('done\n'); waited += 500) {
    await at.clock.sleep(500, at.signal);
    at.signal.throwIfAborted();
    const read = await at.cluster.exec(
      { namespace, pod },
      ['sh', '-c', 'while read l; do echo "$l"; done < /data/attempts'],
      {
        timeoutMs: 5_000,
      },
    );
    if (read.kind === 'exited' && read.code === 0) seen = read.stdout;
  }
  return seen;
}

/** Reads lines `SECONDS connected|blocked`, ended by `done`. */
export function windowOf(node: string, lines: string): StartWindow {
  const tries = [...lines.matchAll(/^([\d.]+) (connected|blocked)$/gm)].map(([, seconds, outcome]) => ({
    at: Number(seconds) * 1_000,
    open: outcome === 'connected',
  }));
  const [first] = tries;
  const last = tries.findLast(({ open }) => open);
  const closed = tries.at(-1)?.open === false;
  if (!first || !lines.trimEnd().endsWith('done')) {
    return { node, milliseconds: 'unknown', attempts: tries.length, says: 'the late pod did not finish its attempts' };
  }
  if (!closed) {
    const says = `the late pod was never isolated in ${tries.length} attempts`;
    return { node, milliseconds: 'unknown', attempts: tries.length, says };
  }
  const milliseconds = last ? Math.max(RESOLUTION_MS, Math.round(last.at - first.at)) : 0;
  return {
    node,
    milliseconds,
    attempts: tries.length,
    says: last
      ? `connections the policy forbids went through for ${milliseconds} ms after the container started`
      : `no connection the policy forbids went through (resolution ${RESOLUTION_MS} ms)`,
  };
}
