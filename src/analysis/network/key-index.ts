/** A map of text to number that shares most of its entries with an earlier one. */
export interface KeyIndex {
  get(key: string): number | undefined;
  /** The same with some entries changed; `undefined` takes one away. O(changes since the map was made whole). */
  with(changes: ReadonlyMap<string, number | undefined>): KeyIndex;
}

export function keyIndex(
  entries: ReadonlyMap<string, number>,
  changes: ReadonlyMap<string, number | undefined> = new Map(),
): KeyIndex {
  return {
    get: (key) => (changes.has(key) ? changes.get(key) : entries.get(key)),
    with: (more) => keyIndex(entries, new Map([...changes, ...more])),
  };
}
