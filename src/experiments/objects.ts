import { SeaworthyError } from '../model/errors.ts';
import { formatRef, refOf, type KubernetesObject, type ObjectRef } from '../model/object.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Cluster } from './ports.ts';

/** Every object of a kind in a namespace (or in all), or why it can't be listed. */
export async function listAll(
  cluster: Cluster,
  apiVersion: string,
  kind: string,
  options: { readonly namespace?: string; readonly labelSelector?: string; readonly signal?: AbortSignal } = {},
): Promise<Outcome<readonly KubernetesObject[]>> {
  const resource = await cluster.resourceOf(apiVersion, kind);
  if (!resource) return { kind: 'missing', because: `${kind} (${apiVersion}) is not served` };
  const found: KubernetesObject[] = [];
  for await (const page of cluster.list(resource, options)) {
    if (page.kind !== 'ok') return page;
    found.push(...page.value);
  }
  return { kind: 'ok', value: found };
}

/** The value of an outcome; anything else ends the work, naming what was asked. */
export function must<T>(outcome: Outcome<T>, asked: string): T {
  if (outcome.kind === 'ok') return outcome.value;
  throw new SeaworthyError('SW_CLUSTER_REFUSED', `${asked}: ${outcome.because}`, {
    ...(outcome.kind === 'forbidden' ? { hint: 'Run as somebody who may do this, or leave out what needs it.' } : {}),
    exit: 4,
  });
}

/**
 * Changes an object only while `ours` still says yes of it: read, decide, write with the resourceVersion that was
 * read, and again when somebody else wrote in between. `change` gives a merge patch, or undefined to leave it alone.
 */
export async function compareAndSwap(
  cluster: Cluster,
  ref: ObjectRef,
  change: (current: KubernetesObject) => { readonly [field: string]: unknown } | undefined,
): Promise<Outcome<KubernetesObject | undefined>> {
  for (let attempt = 0; ; attempt++) {
    const current = await cluster.get(ref);
    if (current.kind !== 'ok') return current;
    const patch = change(current.value);
    if (!patch) return { kind: 'ok', value: undefined };
    const { resourceVersion } = current.value.metadata;
    const metadata = { ...(patch['metadata'] as object | undefined), resourceVersion };
    const written = await cluster.patch(ref, 'merge', { ...patch, metadata });
    if (written.kind !== 'conflict' || attempt === 9) return written;
  }
}

/** An annotation of an object; undefined where it has none of that name. */
export function annotationOf(object: KubernetesObject, name: string): string | undefined {
  return object.metadata.annotations?.[name];
}

/** For a person: `Pod shop/web-1`. */
export function nameOf(object: KubernetesObject): string {
  return formatRef(refOf(object));
}
