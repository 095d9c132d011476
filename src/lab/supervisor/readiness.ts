import { setTimeout as delay } from 'node:timers/promises';
import { at, records } from '../../model/json.ts';
import type { ApiClient } from '../client/api-client.ts';

const PATIENCE_MS = 60_000;
const POLL_MS = 50;

/** Waits until every node is Ready, and DNS and the policy agents are. */
export async function waitUntilReady(
  client: ApiClient,
  nodes: number,
  progress: (says: string) => void,
): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  let said = '';
  for (;;) {
    const [readyNodes, pods] = await Promise.all([
      countReady(client, '/api/v1/nodes'),
      countReady(client, '/api/v1/namespaces/kube-system/pods'),
    ]);
    // One policy agent a node, and one DNS responder.
    const wanted = nodes + 1;
    const says = `${readyNodes} of ${nodes} nodes and ${pods} of ${wanted} system pods are ready`;
    if (says !== said) progress(says);
    said = says;
    if (readyNodes >= nodes && pods >= wanted) return;
    if (Date.now() > deadline) throw new Error(`not ready after ${PATIENCE_MS / 1_000} s: ${says}`);
    await delay(POLL_MS);
  }
}

async function countReady(client: ApiClient, path: string): Promise<number> {
  const { body } = await client.get(path);
  return records(at(body, 'items')).filter(([, item]) =>
    records(at(item, 'status', 'conditions')).some(([, c]) => c['type'] === 'Ready' && c['status'] === 'True'),
  ).length;
}
