import { at as dig, number, records } from '../../model/json.ts';
import { refOf } from '../../model/object.ts';
import { hostIPs } from '../../model/pods.ts';
import type { FaultContext } from '../faults/define-fault.ts';
import { must } from '../objects.ts';
import type { ConnectCell } from '../probes/connect.ts';
import { livePods } from '../probes/live-pods.ts';
import { askAll } from './ask.ts';
import { nodePortService, policyFor } from './canary-objects.ts';
import type { CanaryWorld, CanaryWorlds } from './canary-world.ts';
import type { Ask } from './features.ts';
import { until } from './until.ts';

/** Whether an isolated pod is reached through a port of a node: policies may see the node in the place of the client. */
export interface NodePortWay {
  /** Address of the node that was dialled. */
  readonly node: string;
  readonly outcome: 'open' | 'closed' | 'unknown';
  readonly says: string;
}

/** Whether the kubelet of a node still reaches a pod that is isolated: Kubernetes promises that a node reaches its own pods. */
export interface NodeProbes {
  readonly node: string;
  readonly outcome: 'reach' | 'blocked' | 'unknown';
  readonly says: string;
}

export interface NodeTraffic {
  readonly nodePorts: readonly NodePortWay[];
  readonly nodeProbes: readonly NodeProbes[];
}

/** Longest wait for the Service to lead somewhere, and for the isolation to be in force. */
const PATIENCE_MS = 15_000;
/** A readiness probe every second fails three times before the pod counts as not ready. */
const READINESS_MS = 6_000;

/**
 * Isolates every server, and looks who is let in all the same: who comes through a port of a node, and the node itself
 * with its readiness probes. Neither is decided by the policy, so neither is a feature that is enforced or not.
 */
export async function measureNodeTraffic(worlds: CanaryWorlds, at: FaultContext): Promise<NodeTraffic> {
  const [world] = worlds;
  const service = await at.cluster.create(nodePortService(world.namespace));
  const port =
    service.kind === 'ok' ? number(dig(records(dig(service.value, 'spec', 'ports'))[0]?.[1], 'nodePort')) : undefined;
  const ask = (asks: readonly Ask[]) =>
    askAll(asks, () => [], { prober: at.prober, now: at.clock.now, signal: at.signal });
  const doors = worlds.flatMap((one) => (one ? nodeDoors(one) : []));
  const addresses = doors.map(({ host }) => host);
  const through = doors.flatMap((door) => throughNode(door, port));
  // A new Service leads somewhere once every node has heard of it.
  const before = await until(
    () => ask(through),
    (cells) => cells.every(connected),
    PATIENCE_MS,
    at,
  );
  const policy = policyFor(world.namespace, 'nodes', 'server', { ingress: [] });
  must(await at.cluster.create(policy), 'creating a policy');
  try {
    const direct = worlds.flatMap((one) => (one ? directTo(one) : []));
    const isClosed = (cells: readonly ConnectCell[]): boolean => cells.every(({ outcome }) => outcome === 'timeout');
    const { cells: closed } = await until(() => ask(direct), isClosed, PATIENCE_MS, at);
    if (!isClosed(closed)) {
      const says = 'not measured: the servers were not isolated in time';
      return {
        nodePorts: addresses.map((node) => ({ node, outcome: 'unknown', says })),
        nodeProbes: world.servers.map(({ node }) => ({ node, outcome: 'unknown', says })),
      };
    }
    const after = await ask(through);
    const nodePorts = addresses.map((node, i): NodePortWay => {
      if (service.kind !== 'ok')
        return { node, outcome: 'unknown', says: `no node port was given: ${service.because}` };
      if (before.cells[i]?.outcome !== 'connected')
        return { node, outcome: 'unknown', says: 'the node port did not connect before the servers were isolated' };
      return after[i]?.outcome === 'connected'
        ? { node, outcome: 'open', says: 'leads to a pod that is isolated: the policy sees the node, not the client' }
        : { node, outcome: 'closed', says: 'leads to no pod that is isolated' };
    });
    return { nodePorts, nodeProbes: await probesOf(world, at) };
  } finally {
    await at.cluster.delete(refOf(policy));
  }
}

interface NodeDoor {
  readonly world: CanaryWorld;
  readonly host: string;
}

/** The nodes' addresses of the world's family. */
function nodeDoors(world: CanaryWorld): readonly NodeDoor[] {
  const hosts = new Set(world.servers.flatMap(({ object }) => hostIPs(object)));
  return [...hosts].sort().map((host) => ({ world, host }));
}

function directTo({ servers, other }: CanaryWorld): readonly Ask[] {
  return servers.map((to) => ({ from: other, to, port: 8080, protocol: 'TCP' }));
}

function throughNode({ world, host }: NodeDoor, port: number | undefined): readonly Ask[] {
  const [to] = world.servers;
  if (!to || port === undefined) return [];
  return [{ from: world.other, to, port: 8080, protocol: 'TCP', dial: { host, port, via: 'service' } }];
}

function connected({ outcome }: ConnectCell): boolean {
  return outcome === 'connected';
}

async function probesOf(world: CanaryWorld, at: FaultContext): Promise<readonly NodeProbes[]> {
  await at.clock.sleep(READINESS_MS, at.signal);
  const pods = await livePods(at.cluster, [world.namespace], at.signal);
  return world.servers.map(({ name, node }) => {
    const now = pods.find((pod) => pod.name === name);
    if (!now) return { node, outcome: 'unknown', says: `pod ${name} is gone` };
    return now.ready
      ? { node, outcome: 'reach', says: 'readiness probes go on reaching a pod that is isolated' }
      : { node, outcome: 'blocked', says: 'an isolated pod stops being ready: its own node no longer reaches it' };
  });
}
