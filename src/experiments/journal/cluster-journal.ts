import { createHash } from 'node:crypto';
import { at as dig, text } from '../../model/json.ts';
import { formatRef, refId, type KubernetesObject, type ObjectRef } from '../../model/object.ts';
import type { Outcome } from '../../model/outcome.ts';
import { listAll } from '../objects.ts';
import type { Injection } from '../faults/define-fault.ts';
import type { Cluster } from '../ports.ts';
import { parseIntent, type Intent } from './records.ts';

const INTENT_LABEL = 'seaworthy.dev/journal';
const BEAT = 'seaworthy.dev/heartbeat';
const OWNER = 'seaworthy.dev/owner';

/** An intent as it stands in the cluster. */
export interface StoredIntent {
  readonly ref: ObjectRef;
  readonly object: KubernetesObject;
  /** Undefined when the object says it is an intent, but can't be read as one. */
  readonly intent: Intent | undefined;
  /** When the effect ought to be over, by the API server's clock. */
  readonly expires: Date | undefined;
}

/**
 * Where the intent of an injection stands: beside its target, under a name that only one experiment can hold. The
 * second and later injections of one run on one target stand under names of their own.
 */
function intentRefs(injection: Injection): readonly [lock: ObjectRef, own: ObjectRef] {
  const target = createHash('sha256').update(refId(injection.target)).digest('hex').slice(0, 16);
  const named = (name: string): ObjectRef => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    namespace: injection.target.namespace ?? 'default',
    name,
  });
  return [named(`seaworthy-intent-${target}`), named(`seaworthy-intent-${target}-${injection.id}`)];
}

/** What became of an intent that was to be written on its target. */
export type Recorded =
  | { readonly kind: 'recorded' }
  /** Another experiment has an intent on this very target: the object is journal and lock in one. */
  | { readonly kind: 'locked'; readonly run: string; readonly because: string }
  /** It is surely not there. */
  | { readonly kind: 'failed'; readonly because: string }
  /** It may be there or not: no answer came. */
  | { readonly kind: 'unclear'; readonly because: string };

/** Writes an intent into the cluster. Safe to repeat by the same owner. */
export async function recordIntent(cluster: Cluster, intent: Intent, owner: string): Promise<Recorded> {
  const [lock, own] = intentRefs(intent.injection);
  const locked = await recordAt(lock, cluster, intent, owner);
  const ours = locked.kind === 'locked' && locked.run === intent.injection.run;
  return ours ? recordAt(own, cluster, intent, owner) : locked;
}

async function recordAt(ref: ObjectRef, cluster: Cluster, intent: Intent, owner: string): Promise<Recorded> {
  const created = await cluster.create({
    apiVersion: ref.apiVersion,
    kind: ref.kind,
    metadata: {
      name: ref.name,
      namespace: ref.namespace ?? 'default',
      labels: {
        'app.kubernetes.io/managed-by': 'seaworthy',
        [INTENT_LABEL]: 'intent',
        'seaworthy.dev/run': intent.injection.run,
      },
      annotations: { [BEAT]: '0', [OWNER]: owner },
    },
    data: { intent: JSON.stringify(intent) },
  });
  if (created.kind === 'ok') return { kind: 'recorded' };
  const there = await cluster.get(ref);
  if (there.kind !== 'ok') {
    const surelyNot = created.kind !== 'unavailable' && created.kind !== 'conflict';
    return { kind: surelyNot || there.kind === 'missing' ? 'failed' : 'unclear', because: created.because };
  }
  const held = read(there.value).intent?.injection;
  if (held?.id === intent.injection.id) return { kind: 'recorded' };
  const run = held?.run ?? 'of an unknown version';
  return { kind: 'locked', run, because: `${formatRef(intent.injection.target)} is held by run ${run}` };
}

/** The object an intent stands in, wherever it does. */
async function find(cluster: Cluster, { injection }: Intent): Promise<Outcome<KubernetesObject>> {
  const [lock, own] = intentRefs(injection);
  const there = await cluster.get(lock);
  if (there.kind === 'ok' && read(there.value).intent?.injection.id === injection.id) return there;
  return there.kind === 'ok' || there.kind === 'missing' ? cluster.get(own) : there;
}

/**
 * Says that the conductor lives. Gives false when the intent has another owner by now, or is gone: somebody else has
 * taken over cleaning up, and this conductor must keep its hands off.
 */
export async function beat(cluster: Cluster, intent: Intent, owner: string, count: number): Promise<boolean> {
  const there = await find(cluster, intent);
  // A conductor that can't be answered right now has not lost its intent.
  if (there.kind === 'unavailable') return true;
  if (there.kind !== 'ok' || !owns(there.value, intent, owner)) return false;
  const { resourceVersion } = there.value.metadata;
  const patched = await cluster.patch(read(there.value).ref, 'merge', {
    metadata: { resourceVersion, annotations: { [BEAT]: `${count}` } },
  });
  return patched.kind !== 'conflict' && patched.kind !== 'missing';
}

/** Makes `owner` the one who may clean up. A conflict when somebody else was faster. */
export async function takeOver(
  cluster: Cluster,
  stored: StoredIntent,
  owner: string,
): Promise<Outcome<KubernetesObject>> {
  const { resourceVersion } = stored.object.metadata;
  return cluster.patch(stored.ref, 'merge', { metadata: { resourceVersion, annotations: { [OWNER]: owner } } });
}

/** Takes an intent out of the cluster, if it is still this one. */
export async function forgetIntent(cluster: Cluster, intent: Intent): Promise<Outcome<undefined>> {
  const there = await find(cluster, intent);
  if (there.kind === 'missing') return { kind: 'ok', value: undefined };
  if (there.kind !== 'ok') return there;
  const { uid } = there.value.metadata;
  const deleted = await cluster.delete(read(there.value).ref, uid === undefined ? {} : { uid });
  return deleted.kind === 'ok' || deleted.kind === 'missing' ? { kind: 'ok', value: undefined } : deleted;
}

/** Every intent in the cluster (or in one namespace). */
export async function storedIntents(cluster: Cluster, namespace?: string): Promise<Outcome<readonly StoredIntent[]>> {
  const listed = await listAll(cluster, 'v1', 'ConfigMap', {
    labelSelector: `${INTENT_LABEL}=intent`,
    ...(namespace === undefined ? {} : { namespace }),
  });
  return listed.kind === 'ok' ? { kind: 'ok', value: listed.value.map(read) } : listed;
}

function read(object: KubernetesObject): StoredIntent {
  const intent = parseIntent(text(dig(object, 'data', 'intent')) ?? '');
  const created = Date.parse(object.metadata.creationTimestamp ?? '');
  const { namespace, name } = object.metadata;
  return {
    ref: { apiVersion: 'v1', kind: 'ConfigMap', namespace: namespace ?? 'default', name },
    object,
    intent,
    expires: intent && !Number.isNaN(created) ? new Date(created + intent.ttlMs) : undefined,
  };
}

function owns(object: KubernetesObject, intent: Intent, owner: string): boolean {
  return object.metadata.annotations?.[OWNER] === owner && read(object).intent?.injection.id === intent.injection.id;
}
