import type { Requirement } from '../../../model/selectors.ts';
import type { PodClass } from './classes.ts';

/** The values one label key has in each class of a list. */
export interface LabelColumn {
  /** The number of the value, by place in the list; -1 for a class without the key. */
  readonly of: Int32Array;
  readonly numbers: ReadonlyMap<string, number>;
  /** The places of the classes with a value, by its number. */
  readonly postings: readonly (readonly number[])[];
}

/** The labels of classes key by key, each key looked through when first asked for. O(classes) a key. */
export function createLabelColumns(classes: readonly PodClass[]): (key: string) => LabelColumn {
  const columns = new Map<string, LabelColumn>();
  return (key) => {
    const known = columns.get(key);
    if (known) return known;
    const of = new Int32Array(classes.length).fill(-1);
    const numbers = new Map<string, number>();
    const postings: number[][] = [];
    for (let place = 0; place < classes.length; place++) {
      // A label may be called `constructor`: what an object inherits is no text.
      const value: unknown = classes[place]?.labels[key];
      if (typeof value !== 'string') continue;
      let number = numbers.get(value);
      if (number === undefined) {
        numbers.set(value, (number = postings.length));
        postings.push([]);
      }
      of[place] = number;
      postings[number]?.push(place);
    }
    const column: LabelColumn = { of, numbers, postings };
    columns.set(key, column);
    return column;
  };
}

/** A requirement as a question about the number of a value. */
export function onColumn(requirement: Requirement, { numbers }: LabelColumn): (value: number) => boolean {
  switch (requirement.operator) {
    case 'Exists':
      return (value) => value >= 0;
    case 'DoesNotExist':
      return (value) => value < 0;
    case 'In':
    case 'NotIn': {
      const wanted = requirement.operator === 'In';
      const named = new Set(requirement.values.flatMap((value) => numbers.get(value) ?? []));
      const [only = -2] = named;
      return named.size <= 1 ? (value) => (value === only) === wanted : (value) => named.has(value) === wanted;
    }
  }
}
