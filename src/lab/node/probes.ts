import { connect } from '../../agent/connect.ts';
import { http } from '../../agent/http.ts';
import { at, isRecord, number, records, text, type JsonRecord } from '../../model/json.ts';

export type ProbeName = 'startupProbe' | 'livenessProbe' | 'readinessProbe';

export interface ProbeSettings {
  readonly initialDelayMs: number;
  readonly periodMs: number;
  readonly timeoutMs: number;
  readonly failureThreshold: number;
  readonly successThreshold: number;
}

/** A probe's timing with Kubernetes' defaults; undefined when the container has no such probe. */
export function probeSettings(container: JsonRecord, name: ProbeName): ProbeSettings | undefined {
  const probe = container[name];
  if (!isRecord(probe)) return undefined;
  return {
    initialDelayMs: (number(probe['initialDelaySeconds']) ?? 0) * 1_000,
    periodMs: (number(probe['periodSeconds']) ?? 10) * 1_000,
    timeoutMs: (number(probe['timeoutSeconds']) ?? 1) * 1_000,
    failureThreshold: number(probe['failureThreshold']) ?? 3,
    successThreshold: number(probe['successThreshold']) ?? 1,
  };
}

export type ProbeResult = { readonly kind: 'success' } | { readonly kind: 'failure'; readonly message: string };

export interface ProbeTarget {
  readonly address: string;
  readonly container: JsonRecord;
  exec(command: readonly string[], timeoutMs: number): Promise<{ readonly code: number; readonly output: string }>;
}

/** Asks once, from the node as the kubelet does. */
export async function probeOnce(target: ProbeTarget, name: ProbeName, timeoutMs: number): Promise<ProbeResult> {
  const probe = at(target.container, name);
  const failure = (message: string): ProbeResult => ({ kind: 'failure', message });
  const portOf = (written: unknown): number | undefined =>
    typeof written === 'number' ? written : namedPort(target.container, text(written) ?? '');
  const get = at(probe, 'httpGet');
  if (isRecord(get)) {
    const port = portOf(get['port']);
    if (port === undefined) return failure(`no port named ${String(get['port'])}`);
    const host = text(get['host']) ?? target.address;
    const url = `${(text(get['scheme']) ?? 'HTTP').toLowerCase()}://${host}:${port}${text(get['path']) ?? '/'}`;
    const headers = Object.fromEntries(
      records(get['httpHeaders']).map(([, h]) => [text(h['name']) ?? '', text(h['value']) ?? '']),
    );
    const answer = await http({
      kind: 'http',
      url,
      timeoutMs,
      headers: { 'user-agent': 'kube-probe/1.36', ...headers },
    });
    if (answer.status === undefined) return failure(`Get "${url}": ${answer.detail}`);
    return answer.status >= 200 && answer.status < 400
      ? { kind: 'success' }
      : failure(`HTTP probe failed with statuscode: ${answer.status}`);
  }
  const socket = at(probe, 'tcpSocket');
  if (isRecord(socket)) {
    const port = portOf(socket['port']);
    if (port === undefined) return failure('no such port');
    const answer = await connect({ kind: 'connect', host: text(socket['host']) ?? target.address, port, timeoutMs });
    return answer.outcome === 'connected' ? { kind: 'success' } : failure(`dial tcp :${port}: ${answer.detail}`);
  }
  const command = at(probe, 'exec', 'command');
  if (Array.isArray(command)) {
    const { code, output } = await target.exec(command.map(String), timeoutMs);
    return code === 0
      ? { kind: 'success' }
      : failure(output.trim() === '' ? `command exited with ${code}` : output.trim());
  }
  return failure('the lab has http, tcp and exec probes only');
}

function namedPort(container: JsonRecord, name: string): number | undefined {
  const found = records(container['ports']).find(([, port]) => port['name'] === name);
  return number(found?.[1]['containerPort']);
}
