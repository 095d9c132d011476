import { setTimeout as delay } from 'node:timers/promises';
import { at, records, text } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import type { ApiClient } from './api-client.ts';

/** Every object of one collection, kept up to date. Never ends by itself. */
export interface Informer {
  list(): readonly KubernetesObject[];
  get(namespace: string | undefined, name: string): KubernetesObject | undefined;
  /** Resolves after the first complete list. */
  readonly synced: Promise<void>;
}

export interface InformerOptions {
  /** Path of the collection, `/api/v1/pods`. */
  readonly path: string;
  readonly fieldSelector?: string;
  readonly signal: AbortSignal;
  /** Called after every change, and once after each complete list. Must not throw. */
  readonly changed: () => void;
}

const RETRY_MS = 500;

/**
 * Lists, then watches from there; lists again after 410 or any break. What the list no longer holds is gone, so a
 * lost DELETED event costs nothing but time.
 */
export function startInformer(client: ApiClient, options: InformerOptions): Informer {
  let objects = new Map<string, KubernetesObject>();
  let synced = (): void => undefined;
  const firstList = new Promise<void>((resolve) => {
    synced = resolve;
  });
  const query = (parameters: Readonly<Record<string, string>>): string => {
    const selector = options.fieldSelector === undefined ? {} : { fieldSelector: options.fieldSelector };
    return `${options.path}?${new URLSearchParams({ ...selector, ...parameters }).toString()}`;
  };

  async function once(): Promise<void> {
    const listed = await client.get(query({}));
    if (listed.status !== 200) throw new Error(`list of ${options.path}: HTTP ${listed.status}`);
    objects = new Map(records(at(listed.body, 'items')).map(([, item]) => keyed(item as KubernetesObject)));
    synced();
    options.changed();
    const from = text(at(listed.body, 'metadata', 'resourceVersion')) ?? '0';
    for await (const line of client.watch(query({ watch: '1', resourceVersion: from }), options.signal)) {
      if (line.type === 'ERROR') return;
      if (line.type === 'BOOKMARK') continue;
      const [key, object] = keyed(line.object);
      if (line.type === 'DELETED') objects.delete(key);
      else objects.set(key, object);
      options.changed();
    }
  }

  void (async () => {
    while (!options.signal.aborted) {
      try {
        await once();
      } catch {
        // The API server is away or refuses; what was known stays in force until it is back.
      }
      await delay(RETRY_MS, undefined, { signal: options.signal }).catch(() => undefined);
    }
  })();

  return {
    list: () => [...objects.values()],
    get: (namespace, name) => objects.get(`${namespace ?? ''}/${name}`),
    synced: firstList,
  };
}

function keyed(object: KubernetesObject): [string, KubernetesObject] {
  return [`${object.metadata.namespace ?? ''}/${object.metadata.name}`, object];
}
