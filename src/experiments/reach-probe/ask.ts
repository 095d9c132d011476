import type { ConnectRequest } from '../../agent/requests.ts';
import { cellOf, type ConnectCell } from '../probes/connect.ts';
import type { LivePod } from '../probes/live-pods.ts';
import type { PodProber } from '../probes/transport.ts';
import type { Ask } from './features.ts';

export const TIMEOUT_MS = 1_000;

/** What a question dials. */
export function requestOf({ to, port, protocol, dial }: Ask): ConnectRequest {
  return {
    kind: 'connect',
    host: dial?.host ?? to.address,
    port: dial?.port ?? port,
    protocol: protocol === 'UDP' ? 'udp' : 'tcp',
    timeoutMs: TIMEOUT_MS,
  };
}

/**
 * Asks all questions, those of one pod together with controls in one go. Results in the order of the questions; a
 * pod never asks itself for a control that is also a question.
 */
export async function askAll(
  asks: readonly Ask[],
  controlsOf: (from: LivePod) => readonly ConnectRequest[],
  at: { readonly prober: PodProber; readonly now: () => Date; readonly signal: AbortSignal },
): Promise<readonly ConnectCell[]> {
  const bySource = Map.groupBy(asks.keys(), (index) => asks[index]?.from.uid ?? '');
  const results: ConnectCell[] = [];
  await Promise.all(
    [...bySource.values()].map(async (indexes) => {
      const mine = indexes.flatMap((index) => asks[index] ?? []);
      const [first] = mine;
      if (!first) return;
      const requests = mine.map(requestOf);
      const controls = controlsOf(first.from).filter(
        (control) => !requests.some(({ host, port }) => host === control.host && port === control.port),
      );
      const pod = { namespace: first.from.namespace, pod: first.from.name };
      const answers = await at.prober.ask(pod, [...requests, ...controls], at.signal);
      const controlled = answers.slice(requests.length);
      indexes.forEach((index, i) => {
        results[index] = cellOf(answers[i], controlled, at.now().toISOString());
      });
    }),
  );
  return results;
}
