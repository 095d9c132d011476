import type { Answer } from '../http/answer.ts';
import type { ResourceRequest } from '../http/resource-request.ts';
import { notImplemented } from '../http/status.ts';
import type { Target } from '../operations/change.ts';
import { getObject } from '../operations/read.ts';

const SERVED: ReadonlySet<string> = new Set(['/metrics/resource', '/stats/summary', '/metrics/cadvisor', '/healthz']);

/** GET nodes/NAME/proxy/…: the kubelet's read endpoints, and nothing that would run something. */
export async function nodeProxy({ core, info }: ResourceRequest, target: Target): Promise<Answer> {
  const node = getObject(core, target.kind, undefined, target.name.split(':')[0] ?? '');
  const path = `/${info.rest.join('/')}`;
  if (info.verb !== 'get' || !SERVED.has(path)) {
    throw notImplemented(`this lab proxies only reads of ${[...SERVED].join(', ')} to its nodes`);
  }
  const { status, contentType, body } = await core.runtime.kubeletGet(node.metadata.name, path);
  return { kind: 'text', code: status, body, contentType };
}
