import { SeaworthyError } from '../../model/errors.ts';
import { at as dig, records, strings, text } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { podIPs, withAddresses } from '../../model/pods.ts';
import type { FaultContext } from '../faults/define-fault.ts';
import { listAll, must } from '../objects.ts';
import { livePods, type LivePod } from '../probes/live-pods.ts';

export type AddressFamily = 'IPv4' | 'IPv6';

/** The canary's pods as they run, with their addresses of one family and no others. */
export interface CanaryWorld {
  readonly namespace: string;
  readonly family: AddressFamily;
  /** One of each a node, in the same order. */
  readonly servers: readonly LivePod[];
  readonly clients: readonly LivePod[];
  readonly other: LivePod;
  readonly control: LivePod;
  /** The Service's own address; undefined where it has none. */
  readonly serviceAddress: string | undefined;
}

/** The same pods in each family in which all of them have addresses, that of their first ones first. */
export type CanaryWorlds = readonly [first: CanaryWorld, second?: CanaryWorld];

const READY_MS = 120_000;

/** Waits until all pods of the canary are ready. */
export async function awaitWorlds(namespace: string, nodes: number, at: FaultContext): Promise<CanaryWorlds> {
  const wanted = 2 * nodes + 2;
  for (let waited = 0; ; waited += 300) {
    at.signal.throwIfAborted();
    const pods = (await livePods(at.cluster, [namespace], at.signal)).filter(({ ready }) => ready);
    if (pods.length >= wanted) return worldsOf(namespace, pods, nodes, at);
    if (waited > READY_MS)
      throw notReady(namespace, must(await listAll(at.cluster, 'v1', 'Pod', { namespace }), 'listing pods'));
    await at.clock.sleep(300, at.signal);
  }
}

async function worldsOf(
  namespace: string,
  pods: readonly LivePod[],
  nodes: number,
  at: FaultContext,
): Promise<CanaryWorlds> {
  const service = await at.cluster.get({ apiVersion: 'v1', kind: 'Service', namespace, name: 'servers' });
  const spec = service.kind === 'ok' ? dig(service.value, 'spec') : undefined;
  const serviceAddresses = [...strings(dig(spec, 'clusterIPs')), text(dig(spec, 'clusterIP')) ?? 'None'];
  const world = (family: AddressFamily): CanaryWorld => {
    const named = (name: string): LivePod => {
      const found = pods.find((pod) => pod.name === name);
      if (found) return inFamily(found, family);
      throw new SeaworthyError('SW_PROBE_NOT_READY', `pod ${namespace}/${name} disappeared`, {
        hint: 'Somebody else deletes pods here: run it again.',
        exit: 4,
      });
    };
    const each = (prefix: string): readonly LivePod[] =>
      Array.from({ length: nodes }, (_, i) => named(`${prefix}-${i}`));
    return {
      namespace,
      family,
      servers: each('server'),
      clients: each('client'),
      other: named('other'),
      control: named('control'),
      serviceAddress: serviceAddresses.find((address) => address !== 'None' && familyOf(address) === family),
    };
  };
  const first = familyOf(pods[0]?.address ?? '');
  const second = otherFamily(first);
  const isInBoth = pods.every(({ object }) => podIPs(object).some((address) => familyOf(address) === second));
  return isInBoth ? [world(first), world(second)] : [world(first)];
}

function inFamily(pod: LivePod, family: AddressFamily): LivePod {
  const object = withAddresses(pod.object, (address) => familyOf(address) === family);
  return { ...pod, address: podIPs(object)[0] ?? '', object };
}

function familyOf(address: string): AddressFamily {
  return address.includes(':') ? 'IPv6' : 'IPv4';
}

/** The family that this one is not. */
export function otherFamily(family: AddressFamily): AddressFamily {
  return family === 'IPv4' ? 'IPv6' : 'IPv4';
}

function notReady(namespace: string, pods: readonly KubernetesObject[]): SeaworthyError {
  const reasons = pods.flatMap((pod) =>
    records(dig(pod, 'status', 'containerStatuses')).flatMap(([, status]) => {
      const reason = text(dig(status, 'state', 'waiting', 'reason'));
      return reason === undefined ? [] : [`${pod.metadata.name}: ${reason}`];
    }),
  );
  return new SeaworthyError(
    'SW_PROBE_NOT_READY',
    `the canary in ${namespace} did not get ready in ${READY_MS / 1_000} s`,
    {
      hint:
        reasons.length > 0
          ? `${reasons.slice(0, 3).join('; ')}. --image names another image.`
          : 'kubectl describe its pods.',
      exit: 4,
    },
  );
}
