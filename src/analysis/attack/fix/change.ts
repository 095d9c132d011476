import { formatRef, refId, refOf, type KubernetesObject, type ObjectRef } from '../../../model/object.ts';

/** One field of an object, as it is written there. */
export interface FieldEdit {
  readonly field: string;
  readonly action: 'remove' | 'set';
  readonly value?: unknown;
}

/** One change to one real object, small enough to be judged by itself. */
export interface Change {
  readonly id: string;
  readonly object: ObjectRef;
  /** The field, as it is written in the object; empty when the object goes as a whole. */
  readonly field: string;
  readonly action: 'remove' | 'set' | 'add';
  readonly value?: unknown;
  /** Further fields of the object that change with it. */
  readonly also?: readonly FieldEdit[];
  readonly says: string;
  /** How much else may miss it: 1 little, 4 much. Decides between fixes of the same size. */
  readonly harm: number;
  /** The object itself, where the change makes it. */
  readonly made?: KubernetesObject;
  /** The object as it would be; undefined when nothing is left of it. */
  apply(object: KubernetesObject): KubernetesObject | undefined;
}

/** A change of one field; its id tells it from every other of the same object. */
export function change(
  object: KubernetesObject,
  field: string,
  action: Change['action'],
  says: string,
  harm: number,
  value: unknown,
  apply: Change['apply'],
  also: readonly FieldEdit[] = [],
): Change {
  const ref = refOf(object);
  const id = `${refId(ref)} ${action} ${field} ${value === undefined ? '' : JSON.stringify(value)}`;
  return {
    id,
    object: ref,
    field,
    action,
    ...(value === undefined ? {} : { value }),
    ...(also.length === 0 ? {} : { also }),
    says,
    harm,
    apply,
  };
}

/** The object goes as a whole. */
export function removeObject(object: KubernetesObject, harm: number): Change {
  return change(object, '', 'remove', `delete ${formatRef(refOf(object))}`, harm, undefined, () => undefined);
}
