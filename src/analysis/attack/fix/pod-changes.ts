import { formatPath, type Because } from '../../../model/because.ts';
import { at, list, records, text } from '../../../model/json.ts';
import { formatRef, refId, refOf, type KubernetesObject, type ObjectRef } from '../../../model/object.ts';
import { atLeast } from '../../../model/version.ts';
import type { PodUnit } from '../facts/pod-units.ts';
import type { World } from '../world/world.ts';
import { change, type Change, type FieldEdit } from './change.ts';
import { setField, withoutToken, withoutVolume } from './edits.ts';

/** A reason that points to a field of a real object. */
export type FieldReason = Because & { readonly kind: 'field' };

/** What takes away a reason in the template of a pod, or in its service account. */
export function changesInPod({ object: ref, path, says }: FieldReason, world: World): readonly Change[] {
  const unit = unitOf(ref, world);
  if (!unit) return withoutAnnotation(ref, path, world);
  const { object } = unit.workload.writtenIn;
  const steps = stepsOf(path);
  const last = steps.at(-1);
  if (last === 'automountServiceAccountToken') return dropToken(unit, world);
  if (steps.includes('volumes')) {
    const index = steps.findIndex((step) => step === 'volumes') + 1;
    const volume = text(at(object, ...steps.slice(0, index + 1), 'name')) ?? '';
    return [
      change(object, path, 'remove', `remove the volume ${volume} from ${formatRef(refOf(object))}`, 2, volume, (it) =>
        withoutVolume(it, steps.slice(0, index - 1), volume),
      ),
    ];
  }
  if (last === 'capabilities') {
    return [
      change(object, path, 'set', `drop all capabilities: ${says}`, 2, { drop: ['ALL'] }, (it) =>
        setField(it, steps, { drop: ['ALL'] }),
      ),
    ];
  }
  if (['privileged', 'hostPID', 'shareProcessNamespace', 'hostProcess'].includes(String(last))) {
    return [
      change(object, path, 'set', `set ${String(last)} to false: ${says}`, 2, false, (it) =>
        setField(it, steps, false),
      ),
    ];
  }
  return [];
}

/** An annotation of a service account. */
function withoutAnnotation(ref: ObjectRef, path: string, world: World): readonly Change[] {
  const account =
    ref.kind === 'ServiceAccount' ? world.snapshot.get('ServiceAccount', ref.namespace, ref.name) : undefined;
  const key = /\['(.+)'\]$/.exec(path)?.[1];
  if (!account || key === undefined) return [];
  return [
    change(
      account.object,
      path,
      'remove',
      `remove the annotation ${key} of ServiceAccount ${name(ref)}`,
      3,
      undefined,
      (it) => setField(it, ['metadata', 'annotations', key], undefined),
    ),
  ];
}

/** In the pod; or in its service account, where the pod leaves it to it. */
export function dropToken(unit: PodUnit, world: World): readonly Change[] {
  const { object } = unit.workload.writtenIn;
  const path = [...unit.workload.template.path, 'spec', 'automountServiceAccountToken'];
  const projected = volumesWithoutToken(object, path.slice(0, -1));
  const says = `set automountServiceAccountToken to false in ${formatRef(refOf(object))}`;
  const both = projected.length === 0 ? says : `${says}, and take the token out of its projected volumes`;
  const inPod = change(object, path.join('.'), 'set', both, 1, false, (it) => withoutToken(it, path), projected);
  const account = world.snapshot.get('ServiceAccount', unit.namespace, unit.serviceAccount)?.object;
  const explicit = unit.spec['automountServiceAccountToken'] !== undefined || hasProjectedToken(unit);
  if (!account || explicit) return [inPod];
  const field = 'automountServiceAccountToken';
  const saysOf = `set ${field} to false in ${formatRef(refOf(account))}`;
  return [inPod, change(account, field, 'set', saysOf, 2, false, (it) => setField(it, [field], false))];
}

/** The projected volumes that hold a token, each with the sources that are left. */
function volumesWithoutToken(object: KubernetesObject, spec: readonly (string | number)[]): readonly FieldEdit[] {
  return records(at(object, ...spec, 'volumes')).flatMap(([index, volume]): readonly FieldEdit[] => {
    const sources = list(at(volume, 'projected', 'sources'));
    const left = sources.filter((source) => at(source, 'serviceAccountToken') === undefined);
    const field = formatPath([...spec, 'volumes', index, 'projected', 'sources']);
    return left.length === sources.length ? [] : [{ field, action: 'set', value: left }];
  });
}

/** A user namespace, where Kubernetes has them on and the pod shares no other namespace with its node. */
export function userNamespace({ spec, workload }: PodUnit, { version }: World): readonly Change[] {
  const shares = ['hostNetwork', 'hostPID', 'hostIPC'].some((field) => spec[field] === true);
  if (shares || spec['hostUsers'] === false || !atLeast(version, 1, 33)) return [];
  const { object } = workload.writtenIn;
  const path = [...workload.template.path, 'spec', 'hostUsers'];
  const says = `set hostUsers to false in ${formatRef(refOf(object))}: root in its containers is nobody on the node`;
  return [change(object, path.join('.'), 'set', says, 3, false, (it) => setField(it, path, false))];
}

function hasProjectedToken({ spec }: PodUnit): boolean {
  return list(spec['volumes']).some((volume) =>
    list(at(volume, 'projected', 'sources')).some((source) => at(source, 'serviceAccountToken') !== undefined),
  );
}

/** The pods of a workload, as an intruder sees them. */
export function unitOf(ref: ObjectRef, world: World): PodUnit | undefined {
  const named = world.pods.at({
    kind: 'Shell',
    name: ref.name,
    ...(ref.namespace === undefined ? {} : { namespace: ref.namespace }),
  });
  return named.find((unit) => refId(unit.ref) === refId(ref));
}

/** `spec.containers[0].securityContext` as steps. */
function stepsOf(path: string): readonly (string | number)[] {
  return [...path.matchAll(/\['([^']+)'\]|\[(\d+)\]|([^.[\]]+)/g)].map(([, quoted, index, plain]) =>
    index === undefined ? (quoted ?? plain ?? '') : Number(index),
  );
}

function name({ namespace, name: own }: ObjectRef): string {
  return namespace === undefined ? own : `${namespace}/${own}`;
}
