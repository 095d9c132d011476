/** An object as the API server or a manifest gives it: raw JSON, nothing dropped, nothing defaulted. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

/** Metadata as far as it is read here; the rest is kept as it came. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly [field: string]: unknown;
}

/** Who an object belongs to, as its garbage collector sees it. Files may give no more than a name. */
export interface OwnerReference {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly name: string;
  readonly uid?: string;
  readonly controller?: boolean;
}

/**
 * `Kind` for the core group, `Kind.group` otherwise (`Pod`, `NetworkPolicy.networking.k8s.io`), without the
 * version: an object is the same object through every version it is served in.
 */
export type KindKey = string;

/** Groups that kinds have moved out of; an old manifest is filed under the group the kind lives in today. */
const MOVED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  extensions: {
    Deployment: 'apps',
    DaemonSet: 'apps',
    ReplicaSet: 'apps',
    Ingress: 'networking.k8s.io',
    NetworkPolicy: 'networking.k8s.io',
    PodSecurityPolicy: 'policy',
  },
};

/** The API group of an apiVersion; empty for the core group. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

/** The key of a kind, in the group it is served in today: an Ingress of `extensions/v1beta1` is one of `networking.k8s.io`. */
export function kindKey(apiVersion: string, kind: string): KindKey {
  const group = groupOf(apiVersion);
  const today = MOVED[group]?.[kind] ?? group;
  return today === '' ? kind : `${kind}.${today}`;
}

/** Names one object. `apiVersion` is as written in the object. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** How an object is named in answers. */
export function refOf(object: KubernetesObject): ObjectRef {
  const { namespace, name } = object.metadata;
  return { apiVersion: object.apiVersion, kind: object.kind, ...(namespace === undefined ? {} : { namespace }), name };
}

/** `NetworkPolicy shop/db-from-web`, `ClusterRole admin`. */
export function formatRef(ref: ObjectRef): string {
  return `${ref.kind} ${ref.namespace === undefined ? '' : `${ref.namespace}/`}${ref.name}`;
}

/** Equal for two references to the same object, whatever version each was read in. */
export function refId(ref: ObjectRef): string {
  return `${kindKey(ref.apiVersion, ref.kind)}/${ref.namespace ?? ''}/${ref.name}`;
}
