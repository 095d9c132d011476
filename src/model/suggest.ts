/** The known word a person most likely meant, or undefined when none is near. */
export function nearest(written: string, known: readonly string[]): string | undefined {
  return suggestions(written, known)[0];
}

/** How many words a hint offers at most. */
const MOST = 3;

/** The known words a mistyped one may have been meant for, nearest first: at most a third of a word is mistyped. */
function suggestions(written: string, known: readonly string[]): readonly string[] {
  return [...new Set(known)]
    .map((word) => ({ word, edits: distance(written.toLowerCase(), word.toLowerCase()) }))
    .filter(({ word, edits }) => edits <= Math.max(1, Math.floor(Math.min(word.length, written.length) / 3)))
    .sort((a, b) => a.edits - b.edits || (a.word < b.word ? -1 : 1))
    .slice(0, MOST)
    .map(({ word }) => word);
}

/** `Did you mean a or b?`; undefined when nothing is near. A part of an id, `privileged`, is near to the whole. */
export function didYouMean(written: string, ids: readonly string[]): string | undefined {
  const part = written.toLowerCase();
  const whole = part.length > 2 ? ids.filter((id) => id.toLowerCase().includes(part)) : [];
  const near = [...new Set([...suggestions(written, ids), ...whole])].slice(0, MOST);
  return near.length === 0 ? undefined : `Did you mean ${near.join(' or ')}?`;
}

/**
 * Letters added, left out, changed or swapped with their neighbour (the optimal string alignment distance), three rows at
 * a time.
 */
function distance(a: string, b: string): number {
  let before: readonly number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (above[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (before[j - 2] ?? 0) + 1 : changed;
      row.push(Math.min((above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, changed, swapped));
    }
    before = above;
    above = row;
  }
  return above[b.length] ?? 0;
}
