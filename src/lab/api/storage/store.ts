import type { KubernetesObject } from '../../../model/object.ts';

/** One change of the store. `previous` is what the object was before; absent for an object that is new. */
export interface StoredChange {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly revision: number;
  readonly object: KubernetesObject;
  readonly previous?: KubernetesObject;
}

/** What a read at a past revision finds: the objects as they were, or that the history no longer goes back so far. */
export type Listing =
  | { readonly kind: 'ok'; readonly revision: number; readonly objects: readonly KubernetesObject[] }
  | { readonly kind: 'expired'; readonly oldest: number }
  | { readonly kind: 'future'; readonly current: number };

/** What following from a revision finds. */
export type Subscription =
  | { readonly kind: 'ok'; readonly missed: readonly StoredChange[]; readonly stop: () => void }
  | { readonly kind: 'expired'; readonly oldest: number }
  | { readonly kind: 'future'; readonly current: number };

/**
 * Objects as raw JSON with one revision for the whole store, as etcd keeps it, and a window of past changes per
 * resource. All operations are synchronous, so what a caller reads and then writes without waiting is atomic.
 * Objects given in and out are shared: nobody may change them.
 */
export interface Store {
  revision(): number;
  /** `resource` is the plural with its group: `pods`, `deployments.apps`. */
  get(resource: string, namespace: string | undefined, name: string): KubernetesObject | undefined;
  /** Every object now, ordered by namespace and name. */
  list(resource: string, namespace?: string): readonly KubernetesObject[];
  /** The same at a past revision. */
  listAt(resource: string, namespace: string | undefined, revision: number): Listing;
  /** Writes an object and gives it back with its new resourceVersion. */
  put(resource: string, object: KubernetesObject): KubernetesObject;
  /** Removes an object; what is given back (and told to watchers) carries the revision of its deletion. */
  remove(resource: string, object: KubernetesObject): KubernetesObject;
  /** Every later change of a resource; `missed` are those since the revision asked for. */
  follow(resource: string, since: number, listener: (change: StoredChange) => void): Subscription;
  /** Forgets all history, as etcd's compaction does: older revisions are 410 from now on. */
  compact(): void;
  counts(): Readonly<Record<string, number>>;
}

interface Collection {
  readonly objects: Map<string, KubernetesObject>;
  readonly log: StoredChange[];
  readonly listeners: Set<(change: StoredChange) => void>;
  /** Revisions below this one can't be reconstructed. */
  oldest: number;
}

/** `historyLimit`: changes remembered per resource, 2,000 when absent. */
export function createStore(options: { readonly historyLimit?: number } = {}): Store {
  const limit = options.historyLimit ?? 2000;
  const collections = new Map<string, Collection>();
  let revision = 1;

  function collection(resource: string): Collection {
    let found = collections.get(resource);
    if (!found) {
      found = { objects: new Map(), log: [], listeners: new Set(), oldest: 0 };
      collections.set(resource, found);
    }
    return found;
  }

  function record(of: Collection, change: StoredChange): void {
    of.log.push(change);
    // Trimmed by halves, so that the cost of trimming is spread.
    if (of.log.length > limit * 2) {
      const dropped = of.log.splice(0, of.log.length - limit);
      of.oldest = dropped.at(-1)?.revision ?? of.oldest;
    }
    for (const listener of of.listeners) listener(change);
  }

  function sorted(objects: ReadonlyMap<string, KubernetesObject>, namespace?: string): readonly KubernetesObject[] {
    const keys = [...objects.keys()];
    const wanted = namespace === undefined ? keys : keys.filter((key) => key.startsWith(`${namespace}/`));
    return wanted.sort().flatMap((key) => objects.get(key) ?? []);
  }

  return {
    revision: () => revision,
    get: (resource, namespace, name) => collections.get(resource)?.objects.get(keyOf(namespace, name)),
    list: (resource, namespace) => sorted(collection(resource).objects, namespace),
    listAt(resource, namespace, at) {
      const of = collection(resource);
      if (at > revision) return { kind: 'future', current: revision };
      if (at < of.oldest) return { kind: 'expired', oldest: of.oldest };
      const last = of.log.at(-1);
      if (!last || last.revision <= at) return { kind: 'ok', revision: at, objects: sorted(of.objects, namespace) };
      const past = new Map(of.objects);
      for (let index = of.log.length - 1; index >= 0; index--) {
        const change = of.log[index];
        if (!change || change.revision <= at) break;
        const key = keyOf(change.object.metadata.namespace, change.object.metadata.name);
        if (change.previous) past.set(key, change.previous);
        else past.delete(key);
      }
      return { kind: 'ok', revision: at, objects: sorted(past, namespace) };
    },
    put(resource, object) {
      const of = collection(resource);
      const key = keyOf(object.metadata.namespace, object.metadata.name);
      const previous = of.objects.get(key);
      revision++;
      const stored = withRevision(object, revision);
      of.objects.set(key, stored);
      record(of, {
        type: previous ? 'MODIFIED' : 'ADDED',
        revision,
        object: stored,
        ...(previous ? { previous } : {}),
      });
      return stored;
    },
    remove(resource, object) {
      const of = collection(resource);
      const key = keyOf(object.metadata.namespace, object.metadata.name);
      const previous = of.objects.get(key);
      revision++;
      const last = withRevision(object, revision);
      of.objects.delete(key);
      record(of, { type: 'DELETED', revision, object: last, previous: previous ?? object });
      return last;
    },
    follow(resource, since, listener) {
      const of = collection(resource);
      if (since > revision) return { kind: 'future', current: revision };
      if (since < of.oldest) return { kind: 'expired', oldest: of.oldest };
      const missed = of.log.filter((change) => change.revision > since);
      of.listeners.add(listener);
      return { kind: 'ok', missed, stop: () => of.listeners.delete(listener) };
    },
    compact() {
      for (const of of collections.values()) {
        of.log.length = 0;
        of.oldest = revision;
      }
    },
    counts: () => Object.fromEntries([...collections].map(([resource, { objects }]) => [resource, objects.size])),
  };
}

function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}

function withRevision(object: KubernetesObject, revision: number): KubernetesObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
}
