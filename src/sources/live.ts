import type { ApiResource, ClusterClient } from '../cluster/types.ts';
import { kindKey, type KindKey, type KubernetesObject } from '../model/object.ts';
import { compare } from '../model/order.ts';
import type { Outcome } from '../model/outcome.ts';
import { createSnapshot, type Gap, type Resource, type Snapshot, type SnapshotSource } from '../model/snapshot.ts';
import { forEachConcurrently } from './concurrently.ts';
import { KNOWN_KINDS } from './known-kinds.ts';
import { BUILT_IN_KINDS, isCustomKindRead, type LiveKind } from './live-kinds.ts';

/** How a cluster is read. */
export interface LiveOptions {
  readonly source?: SnapshotSource;
  /** Read when a list over all namespaces is forbidden; every namespace that can be listed when absent. */
  readonly namespace?: string;
  readonly now: () => Date;
  readonly signal?: AbortSignal;
  /** Lists under way at once. */
  readonly concurrency?: number;
}

const CONCURRENCY = 6;

/**
 * Reads a live cluster: one paged list for each kind the analyses use, those of add-ons found by discovery. What
 * is refused or broken is a gap with the rule that would give it; a kind that is not installed is a note.
 * Contents of Secrets are never asked for.
 */
export async function readCluster(client: ClusterClient, options: LiveOptions): Promise<Snapshot> {
  const { signal } = options;
  const takenAt = options.now().toISOString();
  const kubernetesVersion = await client.version(signal);
  const { resources: served, failed } = await client.discover(signal);
  const plan = planReading(served, failed);
  const reading: Reading = {
    client,
    options,
    objects: [],
    gaps: [SECRET_CONTENTS, CONFIG_MAP_CONTENTS],
    namespaces: undefined,
  };
  await forEachConcurrently(plan.read, options.concurrency ?? CONCURRENCY, async ({ resource, live }) => {
    await readKind(reading, resource, live);
  });
  return createSnapshot({
    source: options.source ?? { kind: 'cluster', description: `context ${client.context} (${client.server})` },
    resources: reading.objects.sort(byKindAndName),
    kubernetesVersion,
    takenAt,
    gaps: [...plan.gaps, ...reading.gaps].sort(
      (a, b) => compare(a.kind, b.kind) || compare(a.namespace ?? '', b.namespace ?? ''),
    ),
    notes: plan.notes,
  });
}

interface Reading {
  readonly client: ClusterClient;
  readonly options: LiveOptions;
  readonly objects: Resource[];
  readonly gaps: Gap[];
  /** Every namespace, once somebody needed to know. */
  namespaces: Promise<Outcome<readonly string[]>> | undefined;
}

interface Planned {
  readonly resource: ApiResource;
  readonly live: LiveKind;
}

function planReading(
  served: readonly ApiResource[],
  failed: readonly string[],
): {
  readonly read: readonly Planned[];
  readonly gaps: readonly Gap[];
  readonly notes: readonly string[];
} {
  const byKey = new Map<KindKey, ApiResource>();
  for (const resource of served) {
    if (resource.verbs.includes('list')) byKey.set(keyOf(resource), resource);
  }
  const read: Planned[] = [];
  const absent: LiveKind[] = [];
  for (const live of BUILT_IN_KINDS) {
    const resource = byKey.get(live.key);
    if (resource) read.push({ resource, live });
    else absent.push(live);
  }
  for (const [key, resource] of byKey) {
    const { group, kind, resource: plural } = resource;
    if (!isCustomKindRead(group, kind)) continue;
    read.push({ resource, live: { key, kind, group, resource: plural, metadataOnly: false, builtIn: false } });
  }
  const unanswered = failed.map((groupVersion) => groupVersion.replace(/\/[^/]*$/, ''));
  const unknown = absent.filter(({ group }) => unanswered.includes(group === '' ? 'v1' : group));
  return {
    read,
    gaps: [...unanswered.flatMap(customGroupGaps), ...unknown.map(({ key, group }) => groupGap(key, group))],
    notes: unanswered.includes('*')
      ? []
      : absent.filter((live) => !unknown.includes(live)).map(({ key }) => `this cluster does not serve ${key}`),
  };
}

function keyOf({ group, version, kind }: ApiResource): KindKey {
  return kindKey(group === '' ? version : `${group}/${version}`, kind);
}

async function readKind(reading: Reading, resource: ApiResource, live: LiveKind): Promise<void> {
  const whole = await readList(reading, resource, live, undefined);
  if (whole.kind === 'ok') return;
  if (whole.kind === 'missing') return; // removed since discovery
  if (whole.kind !== 'forbidden' || !resource.namespaced) {
    reading.gaps.push(gapOf(live, whole));
    return;
  }
  const { namespace } = reading.options;
  const namespaces = await namespacesOf(reading);
  const readable = namespace === undefined ? (namespaces.kind === 'ok' ? namespaces.value : []) : [namespace];
  const refused: string[] = [];
  for (const name of readable) {
    const part = await readList(reading, resource, live, name);
    if (part.kind !== 'ok') refused.push(name);
  }
  const others = namespaces.kind === 'ok' ? namespaces.value.filter((name) => !readable.includes(name)) : undefined;
  if (others === undefined || refused.length === readable.length) reading.gaps.push(gapOf(live, whole));
  else for (const name of [...refused, ...others]) reading.gaps.push(gapOf(live, whole, name));
}

/** Reads one list whole, or leaves nothing of it. */
async function readList(
  { client, options, objects }: Reading,
  resource: ApiResource,
  live: LiveKind,
  namespace: string | undefined,
): Promise<Outcome<undefined>> {
  const found: Resource[] = [];
  const { metadataOnly } = live;
  const { signal } = options;
  const pages = client.list(resource, {
    metadataOnly,
    ...(namespace === undefined ? {} : { namespace }),
    ...(signal ? { signal } : {}),
  });
  for await (const page of pages) {
    if (page.kind !== 'ok') return page;
    for (const object of page.value) found.push({ object: slim(object) });
  }
  for (const resource of found) objects.push(resource);
  return { kind: 'ok', value: undefined };
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** A copy of the object inside the object; of a Secret it would be its contents. */
function slim(object: KubernetesObject): KubernetesObject {
  const { annotations } = object.metadata;
  if (annotations && LAST_APPLIED in annotations) delete (annotations as Record<string, string>)[LAST_APPLIED];
  return object;
}

function namespacesOf(reading: Reading): Promise<Outcome<readonly string[]>> {
  reading.namespaces ??= (async () => {
    const resource = await reading.client.resourceOf('v1', 'Namespace');
    const names: string[] = [];
    if (!resource) return { kind: 'missing', because: 'namespaces are not served' };
    for await (const page of reading.client.list(resource, { metadataOnly: true })) {
      if (page.kind !== 'ok') return page;
      names.push(...page.value.map(({ metadata }) => metadata.name));
    }
    return { kind: 'ok', value: names };
  })();
  return reading.namespaces;
}

function gapOf(live: LiveKind, refusal: Outcome<unknown>, namespace?: string): Gap {
  const { key, resource, group } = live;
  const where = namespace === undefined ? '' : ` in namespace ${namespace}`;
  const scope = namespace === undefined ? {} : { namespace };
  if (refusal.kind === 'forbidden') {
    const rule = `{apiGroups: ["${group}"], resources: ["${resource}"], verbs: ["list"]}`;
    const role = namespace === undefined ? 'a ClusterRole' : `a Role in ${namespace}`;
    return {
      kind: key,
      ...scope,
      reason: 'forbidden',
      detail: `listing ${resource}${where} is forbidden`,
      remedy: `Grant ${role} with the rule ${rule}.`,
    };
  }
  const because = 'because' in refusal ? refusal.because : '';
  return {
    kind: key,
    ...scope,
    reason: 'unavailable',
    detail: `${resource}${where} could not be listed: ${because}`,
    remedy: 'Try again when the API server answers.',
  };
}

/** What is unknown when a group of custom resources does not answer: its kinds that we know of, else anything. */
function customGroupGaps(group: string): readonly Gap[] {
  if (group === '*') return [groupGap('*', 'of any name')];
  if (!isCustomKindRead(group, '')) return [];
  const known = KNOWN_KINDS.filter((kind) => kind.group === group).map(({ kind }) => `${kind}.${group}`);
  return (known.length > 0 ? known : ['*']).map((key) => groupGap(key, group));
}

function groupGap(kind: KindKey, group: string): Gap {
  return {
    kind,
    reason: 'unavailable',
    detail: `the API group ${group} could not be asked what it serves`,
    remedy: 'Look for its server with kubectl get apiservices, and check that discovery (system:discovery) is allowed.',
  };
}

const SECRET_CONTENTS: Gap = {
  kind: 'Secret',
  reason: 'withheld',
  fields: ['type', 'data', 'stringData', 'immutable'],
  detail: 'only names and labels of Secrets were read, neither their type nor their contents',
  remedy: 'Pass manifests of the Secrets with -f where an analysis needs more.',
};

const CONFIG_MAP_CONTENTS: Gap = {
  kind: 'ConfigMap',
  reason: 'withheld',
  fields: ['data', 'binaryData', 'immutable'],
  detail: 'only names and labels of ConfigMaps were read, not their contents',
  remedy: 'Pass manifests of the ConfigMaps with -f where an analysis needs more.',
};

function byKindAndName(a: Resource, b: Resource): number {
  return (
    compare(a.object.kind, b.object.kind) ||
    compare(a.object.metadata.namespace ?? '', b.object.metadata.namespace ?? '') ||
    compare(a.object.metadata.name, b.object.metadata.name)
  );
}
