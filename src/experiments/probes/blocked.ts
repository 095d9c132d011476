import type { ConnectRequest } from '../../agent/requests.ts';
import { at as dig, records, text } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import type { FaultContext, TreatmentCheck } from '../faults/define-fault.ts';
import { podsOf, type PodTarget } from '../faults/pod-target.ts';
import { controlsFor } from './controls.ts';

/**
 * Whether connections from one group to another get no answer now, while the source reaches something else. For the
 * treatment check of a partition: one pod of each side speaks for its group.
 */
export async function isBlocked(source: PodTarget, destination: PodTarget, at: FaultContext): Promise<TreatmentCheck> {
  const [from, to] = await Promise.all([podsOf(at.cluster, source), podsOf(at.cluster, destination)]);
  if (from.kind !== 'ok' || to.kind !== 'ok')
    return { bit: 'unknown', says: 'the pods of the two groups can not be listed' };
  const [one] = from.value;
  const other = to.value.find((pod) => tcpPort(pod) !== undefined);
  const host = text(dig(other, 'status', 'podIP'));
  const port = other && tcpPort(other);
  if (!one || host === undefined || port === undefined)
    return { bit: 'unknown', says: 'no pod of the two groups states a port to try' };
  const address = { namespace: one.metadata.namespace ?? 'default', pod: one.metadata.name };
  const question: ConnectRequest = { kind: 'connect', host, port, timeoutMs: 1_000 };
  const controls = await controlsFor(at.cluster);
  const [asked, ...controlled] = await at.prober.ask(address, [question, ...controls], at.signal);
  const outcome = asked?.answer.kind === 'connect' ? asked.answer.outcome : 'probeError';
  const way = `${source.namespace}/${one.metadata.name} to ${destination.namespace}/${other?.metadata.name}:${port}`;
  if (outcome === 'connected') return { bit: false, says: `${way} still connects` };
  if (outcome === 'refused')
    return { bit: 'unknown', says: `${way} was refused: it arrived, or was rejected on the way` };
  if (outcome === 'probeError')
    return {
      bit: 'unknown',
      says: `${way} can't be tried: ${asked && 'detail' in asked.answer ? asked.answer.detail : 'no answer'}`,
    };
  const works = controlled.some(({ answer }) => answer.kind === 'connect' && answer.outcome === 'connected');
  if (works) return { bit: true, says: `${way} times out while the same pod reaches a control` };
  return { bit: 'unknown', says: `${way} times out, and so does every control from the same pod` };
}

/** The first TCP port the containers of a pod state. */
export function tcpPort(pod: KubernetesObject): number | undefined {
  for (const [, container] of records(dig(pod, 'spec', 'containers'))) {
    for (const [, port] of records(container['ports'])) {
      const number = port['containerPort'];
      if (typeof number === 'number' && (port['protocol'] ?? 'TCP') === 'TCP') return number;
    }
  }
  return undefined;
}
