import { formatPath } from '../../../model/because.ts';
import { isRecord, record } from '../../../model/json.ts';
import { memoised } from '../../../model/memoised.ts';
import { kindKey, refId, refOf, type KubernetesObject, type ObjectRef } from '../../../model/object.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import type { NetworkAnalysis } from '../index.ts';
import type { FieldChange, ObjectChange } from './object-change.ts';
import { changedLabels, compareWorkloads } from './workload-changes.ts';
import { CALICO_NAMED_KINDS, POLICY_KINDS } from '../../../model/policy-kinds.ts';

/** One state of a cluster: what was read of it, and who reaches whom in it. */
export interface NetworkState {
  readonly snapshot: Snapshot;
  readonly analysis: NetworkAnalysis;
}

/** What differs between two states. Each object is compared when it is first asked about. */
export interface ObjectChanges {
  /** A policy, Service, route or another object by itself. */
  of(ref: ObjectRef): ObjectChange | undefined;
  /** What policies and Services see of a workload's pods. */
  workload(ref: ObjectRef): ObjectChange | undefined;
  /** The labels of a namespace. */
  namespace(name: string): ObjectChange | undefined;
  /** Everything of these kinds that differs. */
  list(kinds: readonly string[]): readonly ObjectChange[];
}

/** Kinds that policies refer to by name, and so change what they mean. */
export const REFERRED_KINDS: readonly string[] = ['Node', 'ServiceAccount', ...CALICO_NAMED_KINDS, ...POLICY_KINDS];

export function compareObjects(old: NetworkState, now: NetworkState): ObjectChanges {
  const byRef = new Map<string, ObjectChange | undefined>();
  const of = (ref: ObjectRef): ObjectChange | undefined => {
    const id = refId(ref);
    if (!byRef.has(id)) {
      const [was, is] = [old, now].map(
        ({ snapshot }) => snapshot.get(kindKey(ref.apiVersion, ref.kind), ref.namespace, ref.name)?.object,
      );
      byRef.set(id, compareOne(ref, was, is));
    }
    return byRef.get(id);
  };
  const workloadsOf = ({ analysis }: NetworkState) => new Map(analysis.workloads.map((one) => [refId(one.ref), one]));
  const [oldWorkloads, newWorkloads] = [workloadsOf(old), workloadsOf(now)];
  const workload = memoised((id: string) => compareWorkloads(oldWorkloads.get(id), newWorkloads.get(id)));
  const namespace = memoised((name: string): ObjectChange | undefined => {
    const [was, is] = [old, now].map(({ analysis }) => analysis.namespaces.get(name)?.labels);
    if (!was || !is) return undefined;
    const fields = changedLabels(was, is, ['metadata', 'labels']);
    return fields.length === 0
      ? undefined
      : { ref: { apiVersion: 'v1', kind: 'Namespace', name }, change: 'changed', fields };
  });
  return {
    of,
    workload: (ref) => workload(refId(ref)),
    namespace,
    list: (kinds) =>
      kinds.flatMap((kind) => {
        const refs = [old, now].flatMap(({ snapshot }) => snapshot.list(kind).map(({ object }) => refOf(object)));
        return [...new Map(refs.map((ref) => [refId(ref), ref])).values()].flatMap((ref) => of(ref) ?? []);
      }),
  };
}

function compareOne(
  ref: ObjectRef,
  was: KubernetesObject | undefined,
  is: KubernetesObject | undefined,
): ObjectChange | undefined {
  if (was === is) return undefined;
  if (!was || !is) return { ref, change: was ? 'removed' : 'added', fields: [] };
  const fields = changedFields(was, is);
  return fields.length === 0 ? undefined : { ref, change: 'changed', fields };
}

/** What may differ without any difference to the network. */
const NO_MATTER = new Set(['apiVersion', 'kind', 'metadata', 'status']);

/** The fields of an object's spec, and those beside it, that differ; labels too, by which others choose it. */
function changedFields(was: KubernetesObject, is: KubernetesObject): readonly FieldChange[] {
  const differing = (a: unknown, b: unknown, path: readonly string[]): readonly FieldChange[] => {
    const [before, after] = [record(a), record(b)];
    return [...new Set([...Object.keys(before), ...Object.keys(after)])]
      .sort()
      .flatMap((key): readonly FieldChange[] => {
        if (path.length === 0 && NO_MATTER.has(key)) return [];
        if (path.length === 0 && key === 'spec') return differing(before[key], after[key], ['spec']);
        if (canonical(before[key]) === canonical(after[key])) return [];
        const at = formatPath([...path, key]);
        return [{ aspect: 'spec', path: at, says: `${at} ${difference(before[key], after[key])}` }];
      });
  };
  const labels = changedLabels(was.metadata.labels ?? {}, is.metadata.labels ?? {}, ['metadata', 'labels']);
  // The addresses of a node, which policies may mean.
  const status = is.kind === 'Node' ? differing(record(was['status']), record(is['status']), ['status']) : [];
  return [...differing(was, is, []), ...labels, ...status.filter(({ path }) => path === 'status.addresses')];
}

const SHORT = 60;

function difference(was: unknown, is: unknown): string {
  const [before, after] = [was, is].map((value) => (value === undefined ? 'nothing' : JSON.stringify(value)));
  return `${before}${after}`.length <= SHORT ? `was ${before} and is ${after}` : 'was changed';
}

/** JSON with the keys in order: what means the same is written the same. */
function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, inner: unknown) =>
      isRecord(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
    ) ?? ''
  );
}
