/** A map of text to number that shares most of its entries with an earlier one. */
export interface KeyIndex {
  get(key: string): number | undefined;
  /** The same with some entries added or changed. O(changes since the map was made whole). */
  with(changes: ReadonlyMap<string, number>): KeyIndex;
}

export function keyIndex(
  entries: ReadonlyMap<string, number>,
  changes: ReadonlyMap<string, number> = new Map(),
): KeyIndex {
  return {
    get: (key) => changes.get(key) ?? entries.get(key),
    with: (more) => keyIndex(entries, new Map([...changes, ...more])),
  };
}
