import { text } from '../../../model/json.ts';
import type { KubernetesObject, ObjectRef } from '../../../model/object.ts';
import type { Outcome } from '../../../model/outcome.ts';
import type { Cluster } from '../../ports.ts';
import { MARK, RUN_LABEL } from '../define-fault.ts';
import { annotationOf } from '../../objects.ts';

/**
 * A time to live for objects a fault creates, kept by the cluster itself: a Job that starts no pod (parallelism 0),
 * fails at its active deadline, and is removed at once by the TTL-after-finished controller; the garbage collector
 * then removes whatever it owns. No image is pulled, no permission is given to anybody, and no machine of ours is
 * needed for it.
 */
export function fuseRef(namespace: string, id: string): ObjectRef {
  return { apiVersion: 'batch/v1', kind: 'Job', namespace, name: `seaworthy-fuse-${id}` };
}

function fuseJob(namespace: string, id: string, run: string, ttlMs: number): KubernetesObject {
  const { apiVersion, kind, name } = fuseRef(namespace, id);
  const labels = { 'app.kubernetes.io/managed-by': 'seaworthy', [RUN_LABEL]: run };
  return {
    apiVersion,
    kind,
    metadata: { name, namespace, labels, annotations: { [MARK]: id } },
    spec: {
      parallelism: 0,
      backoffLimit: 0,
      activeDeadlineSeconds: Math.max(1, Math.ceil(ttlMs / 1_000)),
      ttlSecondsAfterFinished: 0,
      template: {
        metadata: { labels },
        spec: { restartPolicy: 'Never', containers: [{ name: 'never-started', image: 'registry.k8s.io/pause:3.10' }] },
      },
    },
  };
}

/** Whether a fuse could be lit in a namespace, by a dry run. */
export async function mayLightFuse(cluster: Cluster, namespace: string): Promise<boolean> {
  const dry = await cluster.create(fuseJob(namespace, 'dry-run', 'dry-run', 1_000), { dryRun: true });
  return dry.kind === 'ok';
}

/** Lights the fuse of an injection and gives the owner reference that ties an object to it. Safe to repeat. */
export async function lightFuse(
  cluster: Cluster,
  namespace: string,
  { id, run, ttlMs }: { readonly id: string; readonly run: string; readonly ttlMs: number },
): Promise<
  Outcome<{ readonly apiVersion: string; readonly kind: string; readonly name: string; readonly uid: string }>
> {
  const created = await cluster.create(fuseJob(namespace, id, run, ttlMs));
  const job = created.kind === 'ok' ? created : await cluster.get(fuseRef(namespace, id));
  if (job.kind !== 'ok') return created.kind === 'ok' ? job : created;
  const { apiVersion, kind, name } = fuseRef(namespace, id);
  return { kind: 'ok', value: { apiVersion, kind, name, uid: text(job.value.metadata.uid) ?? '' } };
}

/** Removes the fuse of an injection, and with it whatever it still owns. Safe to repeat. */
export async function removeFuse(cluster: Cluster, namespace: string, id: string): Promise<Outcome<undefined>> {
  const ref = fuseRef(namespace, id);
  const there = await cluster.get(ref);
  if (there.kind === 'missing') return { kind: 'ok', value: undefined };
  if (there.kind !== 'ok') return there;
  if (annotationOf(there.value, MARK) !== id) return { kind: 'ok', value: undefined };
  const { uid } = there.value.metadata;
  const deleted = await cluster.delete(ref, {
    propagationPolicy: 'Background',
    ...(uid === undefined ? {} : { uid }),
  });
  return deleted.kind === 'ok' || deleted.kind === 'missing' ? { kind: 'ok', value: undefined } : deleted;
}
