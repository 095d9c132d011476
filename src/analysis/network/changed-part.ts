/** The part between what two lists have in common at their starts and at their ends; an entry may be in both parts. */
export function changedPart<T>(
  before: readonly T[],
  after: readonly T[],
): { readonly same: boolean; readonly start: number; readonly removed: readonly T[]; readonly added: readonly T[] } {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  let end = 0;
  while (end < shorter - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  const [removed, added] = [before.slice(start, before.length - end), after.slice(start, after.length - end)];
  return { same: removed.length === 0 && added.length === 0, start, removed, added };
}

/** How far is looked ahead for where two lists go on alike. */
const AHEAD = 64;

/**
 * What one list has and the other has not, wherever it stands; what only changed places is in neither. O(entries), quick
 * where changes are few and scattered.
 */
export function exchanged<T>(
  before: readonly T[],
  after: readonly T[],
): { readonly removed: readonly T[]; readonly added: readonly T[] } {
  const [gone, fresh]: [T[], T[]] = [[], []];
  let [i, j] = [0, 0];
  const skip = (inBefore: number, inAfter: number): void => {
    for (const end = i + inBefore; i < end; i++) gone.push(before[i] as T);
    for (const end = j + inAfter; j < end; j++) fresh.push(after[j] as T);
  };
  while (i < before.length && j < after.length) {
    if (before[i] === after[j]) {
      i++;
      j++;
      continue;
    }
    // The first entry ahead that both have.
    const coming = new Map(after.slice(j, j + AHEAD).map((one, place) => [one, place]));
    const inBefore = before.slice(i, i + AHEAD).findIndex((one) => coming.has(one));
    const next = coming.get(before[i + inBefore] as T);
    if (inBefore < 0 || next === undefined) break;
    skip(inBefore, next);
  }
  skip(before.length - i, after.length - j);
  if (gone.length === 0 || fresh.length === 0) return { removed: gone, added: fresh };
  const [was, is] = [new Set(gone), new Set(fresh)];
  return { removed: gone.filter((one) => !is.has(one)), added: fresh.filter((one) => !was.has(one)) };
}
