import { setTimeout as delay } from 'node:timers/promises';
import type { JsonRecord } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import type { ApiClient } from '../client/api-client.ts';
import { corePath, type EventRecorder, type StatusPublisher } from './context.ts';

const COALESCE_MS = 15;
const RETRY_MS = 500;

/** Sends pod statuses, one at a time for each pod, the newest only, and again after a failure. */
export function createStatusPublisher(client: ApiClient): StatusPublisher {
  const pending = new Map<string, { readonly pod: KubernetesObject; readonly make: () => JsonRecord }>();
  const busy = new Set<string>();
  const sent = new Map<string, string>();

  async function send(key: string): Promise<void> {
    if (busy.has(key)) return;
    busy.add(key);
    try {
      await delay(COALESCE_MS);
      for (let next = pending.get(key); next; next = pending.get(key)) {
        pending.delete(key);
        const { pod, make } = next;
        const status = make();
        const written = JSON.stringify(status);
        if (sent.get(key) === written) continue;
        const path = `${corePath('pods', pod.metadata.namespace ?? 'default', pod.metadata.name)}/status`;
        const answer = await client
          .mergePatch(path, { metadata: { uid: pod.metadata.uid }, status })
          .catch(() => ({ status: 0, body: undefined }));
        if (answer.status === 200) sent.set(key, written);
        // 404 and 409: the pod is gone, or another has its name. Anything else: the API server is away for a moment.
        else if (answer.status !== 404 && answer.status !== 409) {
          await delay(RETRY_MS);
          if (!pending.has(key)) pending.set(key, next);
        }
      }
    } finally {
      busy.delete(key);
    }
  }

  return {
    publish: (pod, make) => {
      const key = pod.metadata.uid ?? `${pod.metadata.namespace}/${pod.metadata.name}`;
      pending.set(key, { pod, make });
      void send(key);
    },
  };
}

/** Writes Events. The same event again within the lab's life raises its count. Losing one harms nobody. */
export function createEventRecorder(client: ApiClient, component: string, host: string): EventRecorder {
  const known = new Map<string, { readonly name: string; count: number }>();
  let serial = 0;
  return {
    record: (about, type, reason, message) => {
      const namespace = about.metadata.namespace ?? 'default';
      const now = new Date().toISOString().replace(/\.\d+/, '');
      const key = `${about.metadata.uid}/${reason}/${message}`;
      const before = known.get(key);
      if (before) {
        before.count++;
        client
          .mergePatch(corePath('events', namespace, before.name), { count: before.count, lastTimestamp: now })
          .catch(() => undefined);
        return;
      }
      const name = `${about.metadata.name}.${Date.now().toString(16)}${(serial++).toString(16).padStart(4, '0')}`;
      known.set(key, { name, count: 1 });
      client
        .send('POST', corePath('events', namespace), {
          apiVersion: 'v1',
          kind: 'Event',
          metadata: { name, namespace },
          involvedObject: {
            apiVersion: about.apiVersion,
            kind: about.kind,
            namespace,
            name: about.metadata.name,
            uid: about.metadata.uid,
          },
          type,
          reason,
          message,
          count: 1,
          firstTimestamp: now,
          lastTimestamp: now,
          source: { component, host },
          reportingComponent: component,
          reportingInstance: host,
        })
        .catch(() => undefined);
    },
  };
}
