import type { Labels } from '../../../model/selectors.ts';
import type { MentionedLabels } from '../policies/mentioned.ts';

/** The lines that selectors draw between pods: a number for every value a key is compared with, and one for all its others. */
export interface LabelLines {
  readonly keys: readonly string[];
  readonly numbers: ReadonlyMap<string, { readonly values: ReadonlyMap<string, number>; readonly other: number }>;
  /** How many numbers are given. */
  readonly count: number;
}

const NO_LINES: LabelLines = { keys: [], numbers: new Map(), count: 0 };

/** Draws lines beside the `earlier` ones, whose numbers stay. */
export function drawLines(mentioned: MentionedLabels, earlier = NO_LINES): LabelLines {
  let { count } = earlier;
  const numbers = new Map(earlier.numbers);
  for (const [key, values] of mentioned) {
    const known = numbers.get(key);
    const fresh = [...values].filter((value) => known?.values.has(value) !== true);
    if (known && fresh.length === 0) continue;
    const other = known?.other ?? count++;
    const both = new Map(known?.values);
    for (const value of fresh) both.set(value, count++);
    numbers.set(key, { values: both, other });
  }
  return { keys: [...numbers.keys()], numbers, count };
}

/** Equal for labels with no line between them, and the same text where further lines leave them together. */
export function sideOf(labels: Labels, { keys, numbers }: LabelLines): string {
  let side = '';
  // Earlier keys come before later ones, so that what lines are drawn later adds at the end.
  for (const key of keys) {
    const value: unknown = labels[key];
    const known = numbers.get(key);
    // A label may be called `constructor`: what an object inherits is no text.
    if (known && typeof value === 'string') side += `${known.values.get(value) ?? known.other},`;
  }
  return side;
}

/** Whether two sets of labels are the same as far as lines look at them. Quicker than their sides. */
export function isSameSide(a: Labels, b: Labels, { keys }: LabelLines): boolean {
  for (const key of keys) if (a[key] !== b[key]) return false;
  return true;
}
