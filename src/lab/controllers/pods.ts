import { createHash } from 'node:crypto';
import { at, record, stringMap } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { matches, parseSelector } from '../../model/selectors.ts';
import type { LocalClient } from '../api/local-client.ts';
import { KIND } from './controller.ts';

/** The pods (or other objects) a controller object owns. */
export function ownedBy(owner: KubernetesObject, objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  return objects.filter((object) =>
    object.metadata.ownerReferences?.some(
      (reference) => reference.controller === true && reference.uid === owner.metadata.uid,
    ),
  );
}

/** Whether a pod still counts: not ended, and not on its way out. */
export function isActive(pod: KubernetesObject): boolean {
  const phase = at(pod, 'status', 'phase');
  return phase !== 'Succeeded' && phase !== 'Failed' && pod.metadata.deletionTimestamp === undefined;
}

/** Whether an object's labels fit a `LabelSelector`; an absent selector fits nothing. */
export function selects(selector: unknown, object: KubernetesObject): boolean {
  const parsed = parseSelector(selector);
  return selector !== undefined && parsed.kind === 'ok' && matches(parsed.selector, stringMap(object.metadata.labels));
}

/** A hash of a pod template, the same for the same template. */
export function templateHash(template: unknown): string {
  return createHash('sha256').update(canonical(template)).digest('hex').slice(0, 10);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, entry: unknown) =>
    typeof entry === 'object' && entry !== null && !Array.isArray(entry)
      ? Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1)))
      : entry,
  );
}

export function ownerReference(
  owner: KubernetesObject,
): NonNullable<KubernetesObject['metadata']['ownerReferences']>[number] & { readonly blockOwnerDeletion: boolean } {
  const { name, uid = '' } = owner.metadata;
  return { apiVersion: owner.apiVersion, kind: owner.kind, name, uid, controller: true, blockOwnerDeletion: true };
}

interface PodWish {
  readonly owner: KubernetesObject;
  /** A fixed name; else one is generated from the owner's. */
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** Makes a pod from its owner's `spec.template`. */
export function createPod(client: LocalClient, wish: PodWish): KubernetesObject {
  const { owner } = wish;
  const template = record(at(owner, 'spec', 'template'));
  const metadata = record(template['metadata']);
  const { namespace } = owner.metadata;
  return client.create({
    ...KIND.pod,
    metadata: {
      ...(wish.name === undefined ? { generateName: `${owner.metadata.name}-` } : { name: wish.name }),
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...stringMap(metadata['labels']), ...wish.labels },
      annotations: { ...stringMap(metadata['annotations']) },
      ownerReferences: [ownerReference(owner)],
    } as KubernetesObject['metadata'],
    spec: { ...structuredClone(record(template['spec'])), ...wish.spec },
  });
}

export function deletePod(client: LocalClient, pod: KubernetesObject): void {
  client.delete(KIND.pod, pod.metadata.namespace, pod.metadata.name, { preconditions: { uid: pod.metadata.uid } });
}

/** Writes a status when it differs from what is there. */
export function writeStatus(
  client: LocalClient,
  object: KubernetesObject,
  status: Readonly<Record<string, unknown>>,
): void {
  const { apiVersion, kind, metadata } = object;
  client.patch({ apiVersion, kind }, metadata.namespace, metadata.name, { status }, 'status');
}

/** A count or a percentage of `total`. */
export function amountOf(value: unknown, total: number, round: 'up' | 'down'): number {
  if (typeof value === 'number') return value;
  const share = (Number.parseInt(String(value), 10) * total) / 100;
  return Number.isNaN(share) ? 0 : round === 'up' ? Math.ceil(share) : Math.floor(share);
}
