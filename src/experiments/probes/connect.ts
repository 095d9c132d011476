import { z } from 'zod';
import type { ConnectOutcome, ConnectRequest } from '../../agent/requests.ts';
import type { PodAddress } from '../../cluster/types.ts';
import { controlsFor } from './controls.ts';
import { defineProbe, type ProbeContext } from './define-probe.ts';
import type { Asked } from './transport.ts';

/** Where a probe asks from. */
export const FromPod = z
  .strictObject({ namespace: z.string().min(1), pod: z.string().min(1), container: z.string().min(1).optional() })
  .describe('The container to ask from; the first one of the pod when absent.');

/** What came of one connection and of the controls asked beside it. */
export interface ConnectCell {
  readonly outcome: ConnectOutcome;
  /** Whether any control connected from the same container at the same time; `none` when there was none to ask. */
  readonly control: 'connected' | 'failed' | 'none';
  readonly detail: string;
  readonly at: string;
  /** The target the control reached, for a person. */
  readonly controlTarget?: string;
  readonly via?: string;
  readonly milliseconds?: number;
}

/**
 * Opens a connection from inside a pod, with controls beside it. `connected` and `refused` mean what they say; a
 * `timeout` means "blocked" only when `control` is `connected`.
 */
export const connect = defineProbe({
  id: 'connect',
  title: 'Open a connection from inside a pod',
  needs: ['get pods', 'create pods/exec'],
  parameters: z.strictObject({
    from: FromPod,
    host: z.string().min(1),
    port: z.int().min(1).max(65_535),
    protocol: z.enum(['tcp', 'udp']).default('tcp'),
    expect: z.enum(['connected', 'blocked']).default('connected'),
    timeoutMs: z.int().min(100).max(60_000).default(2_000),
  }),
  async run({ from, host, port, protocol, expect, timeoutMs }, at) {
    const target: ConnectRequest = { kind: 'connect', host, port, protocol, timeoutMs };
    const cell = await connectWithControls(addressOf(from), target, await controlsFor(at.cluster, 'eachFamily'), at);
    const way = `${from.namespace}/${from.pod} to ${host}:${port}/${protocol.toUpperCase()}`;
    const blocked = isClosed(cell);
    const arrived = cell.outcome === 'connected' ? true : blocked === true ? false : 'unknown';
    const ok = arrived === 'unknown' ? 'unknown' : arrived === (expect === 'connected');
    return { ok, outcome: cell.outcome, says: `${way}: ${describeCell(cell)}`, at: cell.at, data: cell };
  },
});

/** Whether a cell shows a closed way: only a timeout beside a control that connected does. */
export function isClosed(cell: ConnectCell): boolean | 'unknown' {
  if (cell.outcome === 'connected') return false;
  if (cell.outcome === 'timeout' && cell.control === 'connected') return true;
  return 'unknown';
}

/** Asks for one connection and for its controls at the same time, from the same container. */
export async function connectWithControls(
  from: PodAddress,
  target: ConnectRequest,
  controls: readonly ConnectRequest[],
  at: ProbeContext,
): Promise<ConnectCell> {
  const [asked, ...controlled] = await at.prober.ask(from, [target, ...controls], at.signal);
  return cellOf(asked, controlled, at.clock.now().toISOString());
}

/**
 * Puts an answer and those of its controls together. That IPv4 leaves a container shows nothing of IPv6: only controls of
 * the family that was dialled count.
 */
export function cellOf(asked: Asked | undefined, controlled: readonly Asked[], now: string): ConnectCell {
  const outcome = asked?.answer.kind === 'connect' ? asked.answer.outcome : 'probeError';
  const family = familyDialled(asked);
  const controls = controlled.filter((control) => {
    const other = familyDialled(control);
    return family === undefined || other === undefined || other === family;
  });
  const reached = controls.find(({ answer }) => answer.kind === 'connect' && answer.outcome === 'connected')?.request;
  return {
    outcome,
    control: controls.length === 0 ? 'none' : reached ? 'connected' : 'failed',
    detail: asked && 'detail' in asked.answer ? asked.answer.detail : 'no answer',
    at: asked?.at ?? now,
    ...(reached?.kind === 'connect'
      ? { controlTarget: `${isIPv6(reached.host) ? `[${reached.host}]` : reached.host}:${reached.port}` }
      : {}),
    ...(asked?.via === undefined ? {} : { via: asked.via }),
    ...(asked?.answer.kind === 'connect' && asked.answer.milliseconds > 0
      ? { milliseconds: asked.answer.milliseconds }
      : {}),
  };
}

/** Whether an address is one of IPv6. */
export function isIPv6(address: string): boolean {
  return address.includes(':');
}

/** Of the address that was dialled; undefined for a name, which may have either. */
function familyDialled(asked: Asked | undefined): 4 | 6 | undefined {
  const host = asked?.request.kind === 'connect' ? asked.request.host : '';
  return isIPv6(host) ? 6 : /^\d+(\.\d+){3}$/.test(host) ? 4 : undefined;
}

/** For a person: `no answer, while the control 10.0.0.10:53 connected from the same container`. */
export function describeCell(cell: ConnectCell, place = 'container'): string {
  switch (cell.outcome) {
    case 'connected':
      return 'connected';
    case 'refused':
      return `refused (${cell.detail}): it arrived where nobody listens, or was rejected on the way`;
    case 'probeError':
      return `could not be tried: ${cell.detail}`;
    case 'timeout':
      if (cell.control === 'connected')
        return `no answer, while the control ${cell.controlTarget} connected from the same ${place}`;
      return cell.control === 'failed'
        ? 'no answer, and no control connected either'
        : 'no answer, and there is no control to compare with';
  }
}

/** The container as the cluster's client takes it. */
export function addressOf(from: z.infer<typeof FromPod>): PodAddress {
  return {
    namespace: from.namespace,
    pod: from.pod,
    ...(from.container === undefined ? {} : { container: from.container }),
  };
}
