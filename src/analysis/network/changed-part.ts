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
