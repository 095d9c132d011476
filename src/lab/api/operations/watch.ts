import type { KubernetesObject } from '../../../model/object.ts';
import type { Core } from '../core.ts';
import { isTrue } from '../http/request-info.ts';
import { readFilter, type ObjectFilter } from '../http/selectors.ts';
import { type Status, expired, invalidOptions, tooLargeRevision } from '../http/status.ts';
import { apiVersionOf, type ApiKind } from '../kinds.ts';
import { storageKey } from '../registry.ts';
import { forbiddenField } from '../validation/causes.ts';
import type { StoredChange } from '../storage/store.ts';
import { readRevision } from './read.ts';

export type WatchFrame =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: KubernetesObject }
  | { readonly type: 'BOOKMARK'; readonly object: KubernetesObject }
  | { readonly type: 'ERROR'; readonly object: Status };

export interface WatchSink {
  readonly send: (frame: WatchFrame) => void;
  readonly end: () => void;
}

/** How often a watcher that asked for bookmarks is told how far it has come. */
const BOOKMARK_MS = 30_000;
const TOO_OLD = 'The resourceVersion for the provided watch is too old.';

/**
 * Follows a collection. Without a revision (or with 0, or with `sendInitialEvents`) everything there comes first.
 * A revision that has left the history is told as an ERROR event with a 410 Status, which ends the watch, as
 * upstream's watch cache does. Returns what ends it.
 */
export function watchObjects(
  core: Core,
  kind: ApiKind,
  namespace: string | undefined,
  query: URLSearchParams,
  sink: WatchSink,
): () => void {
  const filter = readFilter(kind, query);
  const bookmarks = isTrue(query.get('allowWatchBookmarks'));
  const initial = query.get('sendInitialEvents');
  const asked = readRevision(query.get('resourceVersion'));
  if (initial !== null && query.get('resourceVersionMatch') !== 'NotOlderThan') {
    throw invalidOptions(
      'ListOptions',
      forbiddenField('resourceVersionMatch', 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'),
    );
  }
  const current = core.store.revision();
  if (asked !== undefined && asked > current) throw tooLargeRevision(asked, current);
  const fromNow = isTrue(initial) || asked === undefined || asked === 0;
  const matches = (change: StoredChange): void => {
    const frame = frameOf(change, namespace, filter);
    if (frame) sink.send(frame);
  };
  const followed = core.store.follow(storageKey(kind), fromNow ? current : asked, matches);
  if (followed.kind !== 'ok') {
    sink.send({ type: 'ERROR', object: expired(TOO_OLD).status });
    sink.end();
    return () => undefined;
  }
  if (fromNow && initial !== 'false') {
    for (const object of core.store.list(storageKey(kind), namespace)) {
      if (!filter || filter(object)) sink.send({ type: 'ADDED', object });
    }
    if (isTrue(initial) && bookmarks) sink.send(bookmark(kind, current, { 'k8s.io/initial-events-end': 'true' }));
  }
  followed.missed.forEach(matches);
  const timer = bookmarks
    ? setInterval(() => sink.send(bookmark(kind, core.store.revision())), BOOKMARK_MS)
    : undefined;
  return () => {
    followed.stop();
    clearInterval(timer);
  };
}

/** What a watcher sees of a change: an object that starts or stops to match comes or goes. */
function frameOf(change: StoredChange, namespace: string | undefined, filter?: ObjectFilter): WatchFrame | undefined {
  const { object, previous } = change;
  if (namespace !== undefined && object.metadata.namespace !== namespace) return undefined;
  if (!filter) return { type: change.type, object };
  const before = previous !== undefined && filter(previous);
  const after = change.type !== 'DELETED' && filter(object);
  if (before && after) return { type: 'MODIFIED', object };
  if (after) return { type: 'ADDED', object };
  if (!before) return undefined;
  // Who no longer sees the object is told what it last was, with the version of the change.
  const { resourceVersion = '' } = object.metadata;
  const last =
    change.type === 'DELETED' ? object : { ...previous, metadata: { ...previous.metadata, resourceVersion } };
  return { type: 'DELETED', object: last };
}

function bookmark(kind: ApiKind, revision: number, annotations?: Readonly<Record<string, string>>): WatchFrame {
  const metadata = {
    resourceVersion: String(revision),
    creationTimestamp: null,
    ...(annotations ? { annotations } : {}),
  };
  return {
    type: 'BOOKMARK',
    object: { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata } as unknown as KubernetesObject,
  };
}
