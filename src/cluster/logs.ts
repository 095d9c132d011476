import type { Outcome } from '../model/outcome.ts';
import { record } from '../model/json.ts';
import { outcomeOf, type Api } from './api-call.ts';
import { query } from './paths.ts';
import type { ClusterClient } from './types.ts';

type LogOptions = Parameters<ClusterClient['logs']>[1];
type LogsOf = Parameters<ClusterClient['logs']>[0];

/** The log of a container, which comes as text and not as JSON. */
export async function readLogs(
  api: Api,
  { namespace, pod, container }: LogsOf,
  { tailLines, signal }: LogOptions = {},
): Promise<Outcome<string>> {
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}/log${query({ container, tailLines })}`;
  const headers = { accept: '*/*' };
  const response = await api.open({ method: 'GET', path, headers, ...(signal ? { signal } : {}) });
  const chunks: Buffer[] = [];
  for await (const chunk of response.body) chunks.push(chunk as Buffer);
  const content = Buffer.concat(chunks).toString('utf8');
  if (response.status === 200) return { kind: 'ok', value: content };
  return outcomeOf({ status: response.status, body: jsonOr(content) }, () => content);
}

function jsonOr(content: string): unknown {
  try {
    return JSON.parse(content) as unknown;
  } catch {
    return record(undefined);
  }
}
