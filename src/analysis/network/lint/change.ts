import { at, isRecord, list, record } from '../../../model/json.ts';
import { kindKey, refId, refOf, type KubernetesObject, type ObjectRef } from '../../../model/object.ts';
import { withKinds, type Resource, type Snapshot } from '../../../model/snapshot.ts';
import { controllerOf } from '../../../model/workloads.ts';
import type { Path, Policy } from '../policies/policy.ts';
import { POLICY_KINDS } from '../../../model/policy-kinds.ts';

/** One step of a JSON patch (RFC 6902), as `kubectl patch --type=json` takes it. */
export type PatchStep =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/** One change to one object of a cluster. */
export type Change =
  | { readonly kind: 'patch'; readonly object: ObjectRef; readonly patch: readonly PatchStep[] }
  | { readonly kind: 'delete'; readonly object: ObjectRef }
  | { readonly kind: 'create'; readonly manifest: KubernetesObject };

/** A JSON pointer (RFC 6901) to a field; `-` at the end means behind the last entry of a list. */
export function pointer(path: Path): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The object named, at the path of its policy, with a new value there. */
export function replace(object: ObjectRef, path: Path, value: unknown): Change {
  return { kind: 'patch', object, patch: [{ op: 'replace', path: pointer(path), value }] };
}

export function add(object: ObjectRef, path: Path, value: unknown): Change {
  return { kind: 'patch', object, patch: [{ op: 'add', path: pointer(path), value }] };
}

export function remove(object: ObjectRef, path: Path): Change {
  return { kind: 'patch', object, patch: [{ op: 'remove', path: pointer(path) }] };
}

/**
 * Takes a rule out of a NetworkPolicy. Where `policyTypes` is not written, the last egress rule is also what isolates
 * egress: then the types are written out, so that nothing opens.
 */
export function removeRule({ ref, isolates, resource }: Policy, path: Path): Change {
  const taken: PatchStep = { op: 'remove', path: pointer(path) };
  const types = at(resource.object, 'spec', 'policyTypes');
  if (ref.kind !== 'NetworkPolicy' || (Array.isArray(types) && types.length > 0))
    return { kind: 'patch', object: ref, patch: [taken] };
  const value = [...(isolates.ingress ? ['Ingress'] : []), ...(isolates.egress ? ['Egress'] : [])];
  return { kind: 'patch', object: ref, patch: [{ op: 'add', path: '/spec/policyTypes', value }, taken] };
}

/**
 * The snapshot after the changes, which shares every kind that they leave alone. Pods of a changed workload are left
 * out, as its rollout would replace them: the template stands for them.
 */
export function applyChanges(snapshot: Snapshot, changes: readonly Change[]): Snapshot {
  const lists = new Map<string, readonly Resource[]>();
  const listOf = (kind: string): readonly Resource[] => lists.get(kind) ?? snapshot.list(kind);
  const edits = changes.filter((change) => change.kind !== 'create');
  for (const [kind, ofKind] of Map.groupBy(edits, ({ object }) => kindKey(object.apiVersion, object.kind))) {
    const names = new Set(ofKind.map(({ object }) => object.name));
    const byId = Map.groupBy(ofKind, ({ object }) => refId(object));
    const next: Resource[] = [];
    for (const resource of snapshot.list(kind)) {
      const mine = names.has(resource.object.metadata.name) ? (byId.get(refId(refOf(resource.object))) ?? []) : [];
      if (mine.length === 0) next.push(resource);
      else if (mine.every((change) => change.kind === 'patch')) {
        const object = mine.flatMap(({ patch }) => patch).reduce(step, resource.object);
        next.push({ ...resource, object });
      }
    }
    lists.set(kind, next);
  }
  const rolled = new Set(
    changes.flatMap((change) =>
      change.kind === 'patch' && !POLICY_KINDS.includes(kindKey(change.object.apiVersion, change.object.kind))
        ? [refId(change.object)]
        : [],
    ),
  );
  if (rolled.size > 0) {
    const ownedByChanged = (object: KubernetesObject, depth = 0): boolean => {
      const owner = controllerOf(object);
      if (!owner || depth > 5) return false;
      if (rolled.has(refId(owner))) return true;
      const above = snapshot.get(kindKey(owner.apiVersion, owner.kind), owner.namespace, owner.name);
      return above !== undefined && ownedByChanged(above.object, depth + 1);
    };
    for (const kind of snapshot.kinds()) {
      const list = listOf(kind);
      const kept = list.filter(({ object }) => !ownedByChanged(object));
      if (kept.length < list.length) lists.set(kind, kept);
    }
  }
  const manifests = changes.flatMap((change) => (change.kind === 'create' ? [change.manifest] : []));
  for (const [kind, ofKind] of Map.groupBy(manifests, (object) => kindKey(object.apiVersion, object.kind))) {
    // One that is there already is overwritten, as `kubectl apply` would have it.
    const made = new Map(ofKind.map((object) => [nameOf(object), object]));
    const names = new Set(ofKind.map(({ metadata }) => metadata.name));
    const others = listOf(kind).filter(({ object }) => !names.has(object.metadata.name) || !made.has(nameOf(object)));
    lists.set(kind, [...others, ...[...made.values()].map((object) => ({ object }))]);
  }
  return withKinds(snapshot, lists);
}

function nameOf({ metadata }: KubernetesObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

function step(object: KubernetesObject, patch: PatchStep): KubernetesObject {
  const path = patch.path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  return changed(object, path, patch) as KubernetesObject;
}

function changed(value: unknown, [key, ...rest]: readonly string[], patch: PatchStep): unknown {
  if (key === undefined) return patch.op === 'remove' ? undefined : patch.value;
  if (Array.isArray(value)) {
    const entries = [...list(value)];
    const index = key === '-' ? entries.length : Number(key);
    if (rest.length > 0) entries[index] = changed(entries[index], rest, patch);
    else if (patch.op === 'remove') entries.splice(index, 1);
    else entries.splice(index, patch.op === 'replace' ? 1 : 0, patch.value);
    return entries;
  }
  const { [key]: old, ...others } = record(isRecord(value) ? value : {});
  const next = changed(old, rest, patch);
  return next === undefined ? others : { ...others, [key]: next };
}
