import type { Position } from './errors.ts';
import { kindKey, type KindKey, type KubernetesObject } from './object.ts';

/** One object with the place it came from. Objects of a live cluster have no origin. */
export interface Resource<T extends KubernetesObject = KubernetesObject> {
  readonly object: T;
  readonly origin?: Origin;
}

/** Where a document starts. `document` counts the documents of the file from 0, `item` the entries of a List. */
export interface Origin {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly document: number;
  readonly item?: number;
}

/** Something that could not be known from this source. Analyses that need it answer `unknown`. */
export interface Gap {
  /** What is missing; `*` when not even the kind is known (a broken document). */
  readonly kind: KindKey;
  /** Only this namespace is affected; absent = all, and cluster-scoped objects. */
  readonly namespace?: string;
  /**
   * forbidden: the API server refused; unreadable: the user asked to treat it so; invalid: given but broken;
   * withheld: we don't read it by default (contents of Secrets); unavailable: the server could not answer;
   * notInSource: this kind of source can't hold it.
   */
  readonly reason: 'forbidden' | 'unreadable' | 'invalid' | 'withheld' | 'unavailable' | 'notInSource';
  /** What is missing of each object, where the objects themselves were read: `['data', 'stringData']`. */
  readonly fields?: readonly string[];
  /** One sentence: what could not be read. */
  readonly detail: string;
  /** The permission or file that would give it. */
  readonly remedy: string;
  readonly at?: Position;
}

/** What was read and what was not. */
export interface Coverage {
  readonly read: readonly { readonly kind: KindKey; readonly count: number }[];
  readonly gaps: readonly Gap[];
  /** Things the reader should know that are no gap: roles added from Kubernetes' defaults, kinds not served. */
  readonly notes: readonly string[];
}

/** Something wrong with the input itself: a document that is no object, a broken file, two objects of one name. */
export interface InputFinding {
  readonly code: `SW_${string}`;
  readonly message: string;
  readonly hint?: string;
  readonly at?: Position;
}

/** A version of Kubernetes, patch left out. */
export interface KubernetesVersion {
  readonly major: number;
  readonly minor: number;
}

/** Where a snapshot comes from. */
export interface SnapshotSource {
  readonly kind: 'files' | 'cluster' | 'lab' | 'snapshot';
  /** Of a snapshot that was saved: what it was taken of. */
  readonly takenOf?: 'files' | 'cluster' | 'lab';
  /** For a person: `manifests/`, `context prod (https://…)`. */
  readonly description: string;
}

/** Whether the facts are what somebody wrote, saved or not: nothing in them was filled in by an API server. */
export function isFromFiles({ source }: Pick<Snapshot, 'source'>): boolean {
  return (source.takenOf ?? source.kind) === 'files';
}

/** What a cluster is made of, as read, plus what could not be read. Immutable. */
export interface Snapshot {
  readonly source: SnapshotSource;
  readonly kubernetesVersion?: KubernetesVersion;
  /** RFC 3339 time of reading; absent for manifests. */
  readonly takenAt?: string;
  readonly coverage: Coverage;
  readonly findings: readonly InputFinding[];
  kinds(): readonly KindKey[];
  /** Every object of a kind, in the order read. Empty both when there are none and when it could not be read: ask `gaps`. */
  list(kind: KindKey): readonly Resource[];
  get(kind: KindKey, namespace: string | undefined, name: string): Resource | undefined;
  /** The gaps that bear on any of these kinds (in this namespace, when given). */
  gaps(kinds: readonly KindKey[], namespace?: string): readonly Gap[];
  /** The position of a field (`['spec', 'containers', 0, 'image']`) in its file, or of the nearest parent that is there. */
  locate(resource: Resource, path: readonly (string | number)[]): Position | undefined;
}

/** What a snapshot is made of. */
export interface SnapshotContents {
  readonly source: SnapshotSource;
  readonly resources: Iterable<Resource>;
  readonly kubernetesVersion?: KubernetesVersion;
  readonly takenAt?: string;
  readonly gaps?: readonly Gap[];
  readonly notes?: readonly string[];
  readonly findings?: readonly InputFinding[];
  /** Finds a field in the text a resource came from. */
  readonly locate?: Snapshot['locate'];
}

const DUPLICATE_HINT = 'The API server keeps one object of a name: remove or rename one. The last one read was used.';

/**
 * Builds a Snapshot. Two objects of one kind, namespace and name: the later wins, as `kubectl apply` would have
 * it, and a finding says so. Namespaced objects without a namespace must have been given one by the reader.
 */
export function createSnapshot(contents: SnapshotContents): Snapshot {
  const byKind = new Map<KindKey, Map<string, Resource>>();
  const findings: InputFinding[] = [...(contents.findings ?? [])];
  for (const resource of contents.resources) {
    const { object, origin } = resource;
    const key = kindKey(object.apiVersion, object.kind);
    let ofKind = byKind.get(key);
    if (!ofKind) byKind.set(key, (ofKind = new Map()));
    const id = `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
    if (ofKind.has(id)) {
      findings.push({
        code: 'SW_DUPLICATE_OBJECT',
        message: `${object.kind} ${id.replace(/^\//, '')} is given twice`,
        hint: DUPLICATE_HINT,
        ...(origin ? { at: { file: origin.file, line: origin.line, column: origin.column } } : {}),
      });
    }
    ofKind.set(id, resource);
  }
  const lists = new Map<KindKey, readonly Resource[]>();
  for (const [kind, ofKind] of byKind) lists.set(kind, [...ofKind.values()]);
  const gaps = contents.gaps ?? [];
  return {
    source: contents.source,
    ...(contents.kubernetesVersion ? { kubernetesVersion: contents.kubernetesVersion } : {}),
    ...(contents.takenAt ? { takenAt: contents.takenAt } : {}),
    coverage: {
      read: countsOf(lists),
      gaps,
      notes: contents.notes ?? [],
    },
    findings,
    kinds: () => [...lists.keys()].sort(),
    list: (kind) => lists.get(kind) ?? NONE,
    get: (kind, namespace, name) => byKind.get(kind)?.get(`${namespace ?? ''}/${name}`),
    gaps: (kinds, namespace) => gaps.filter((gap) => bearsOn(gap, kinds, namespace)),
    locate: contents.locate ?? (() => undefined),
  };
}

const NONE: readonly Resource[] = Object.freeze([]);

function countsOf(lists: ReadonlyMap<KindKey, readonly Resource[]>): Coverage['read'] {
  return [...lists].map(([kind, found]) => ({ kind, count: found.length })).sort((a, b) => (a.kind < b.kind ? -1 : 1));
}

/**
 * The same snapshot with other objects of some kinds, of each name at most one. The lists of all other kinds are shared,
 * so it costs the kinds there are, not the objects.
 */
export function withKinds(snapshot: Snapshot, given: ReadonlyMap<KindKey, readonly Resource[]>): Snapshot {
  const lists = new Map(snapshot.kinds().map((kind) => [kind, snapshot.list(kind)]));
  for (const [kind, list] of given) {
    if (list.length > 0) lists.set(kind, list);
    else lists.delete(kind);
  }
  return {
    ...snapshot,
    coverage: { ...snapshot.coverage, read: countsOf(lists) },
    kinds: () => [...lists.keys()].sort(),
    list: (kind) => lists.get(kind) ?? NONE,
    get: (kind, namespace, name) => namesIn(lists.get(kind) ?? NONE).get(`${namespace ?? ''}/${name}`),
  };
}

const NAMES = new WeakMap<readonly Resource[], ReadonlyMap<string, Resource>>();

/** The index by name of a list, made once however many snapshots share the list. */
function namesIn(list: readonly Resource[]): ReadonlyMap<string, Resource> {
  let names = NAMES.get(list);
  if (!names) {
    names = new Map(
      list.map((resource) => [
        `${resource.object.metadata.namespace ?? ''}/${resource.object.metadata.name}`,
        resource,
      ]),
    );
    NAMES.set(list, names);
  }
  return names;
}

function bearsOn(gap: Gap, kinds: readonly KindKey[], namespace: string | undefined): boolean {
  if (gap.kind !== '*' && !kinds.includes(gap.kind)) return false;
  return gap.namespace === undefined || namespace === undefined || gap.namespace === namespace;
}

/** Everything a snapshot holds, to build another from. */
export function contentsOf(snapshot: Snapshot): SnapshotContents & { readonly resources: readonly Resource[] } {
  return {
    source: snapshot.source,
    resources: snapshot.kinds().flatMap((kind) => snapshot.list(kind)),
    ...(snapshot.kubernetesVersion ? { kubernetesVersion: snapshot.kubernetesVersion } : {}),
    ...(snapshot.takenAt ? { takenAt: snapshot.takenAt } : {}),
    gaps: snapshot.coverage.gaps,
    notes: snapshot.coverage.notes,
    findings: snapshot.findings,
    locate: snapshot.locate,
  };
}

/** The same snapshot as if the API server had refused these kinds: their objects are gone and each leaves a gap. */
export function withUnreadable(snapshot: Snapshot, kinds: readonly KindKey[]): Snapshot {
  const contents = contentsOf(snapshot);
  const hidden = new Set(kinds);
  return createSnapshot({
    ...contents,
    resources: contents.resources.filter(({ object }) => !hidden.has(kindKey(object.apiVersion, object.kind))),
    gaps: [
      ...(contents.gaps ?? []),
      ...kinds.map((kind): Gap => ({
        kind,
        reason: 'unreadable',
        detail: `${kind} objects are treated as unreadable`,
        remedy: `Leave ${kind} out of --unreadable.`,
      })),
    ],
  });
}

/** The gaps through which a field is missing of objects of a kind that were read themselves (in this namespace, when given). */
export function withheld(snapshot: Snapshot, kind: KindKey, field: string, namespace?: string): readonly Gap[] {
  return snapshot.gaps([kind], namespace).filter(({ fields }) => fields?.includes(field));
}
