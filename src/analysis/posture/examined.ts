import { formatPath, type Because } from '../../model/because.ts';
import { at } from '../../model/json.ts';
import { refOf, type ObjectRef } from '../../model/object.ts';
import type { Resource } from '../../model/snapshot.ts';

/** A field of an object: what a finding points at. */
export interface Place {
  readonly resource: Resource;
  /** From the root of the object. */
  readonly path: readonly (string | number)[];
  readonly container?: string;
}

/** One object a check looks at, with how its results name it. */
export interface Examined<Subject> {
  readonly subject: Subject;
  readonly object: ObjectRef;
  /** Where it is written; absent for what is only known by name. */
  readonly resource?: Resource;
}

/** A field with its value, as a reason. */
export function becauseOfPlace(place: Place, says: string): Because {
  const value = at(place.resource.object, ...place.path);
  return {
    kind: 'field',
    object: refOf(place.resource.object),
    path: formatPath(place.path),
    ...(value === undefined ? {} : { value }),
    says,
  };
}
