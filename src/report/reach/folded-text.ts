import type { Folded } from './fold.ts';
import { formatDot } from './dot.ts';
import { formatRows } from '../rows.ts';
import { formatSvg } from './svg.ts';

const SHOWN = 4;
/** Peers and sets have names of one line; a semicolon is in none of them. */
const BETWEEN = '; ';

/**
 * Folded connections in one of the formats that people and spreadsheets read: the groups, then what each set holds. A table and
 * a picture shorten long sides; `wide`, `csv` and `markdown` are complete. `sizes` are the workloads of each namespace.
 */
export function formatFolded(format: string, { groups, sets }: Folded, sizes: ReadonlyMap<string, number>): string {
  const complete = ['wide', 'csv', 'markdown'].includes(format);
  const written = (names: readonly string[]): string =>
    complete ? names.join(BETWEEN) : formatSet(wholeNamespaces(names, sizes));
  if (format === 'dot' || format === 'svg') {
    const drawn = groups.map(({ from, to, ports }) => ({ from: written(from), to: written(to), ports }));
    return format === 'dot' ? formatDot(drawn) : formatSvg(drawn);
  }
  return formatRows(
    format,
    ['from', 'to', 'ports'],
    [
      ...groups.map(({ from, to, ports }) => [written(from), written(to), ports]),
      ...sets.map(({ name, members }) => [`${name} is`, written(members), `${members.length} peers`]),
    ],
  );
}

/** A set for a person: its first members, and how many more. */
export function formatSet(names: readonly string[]): string {
  return names.length <= SHOWN
    ? names.join(', ')
    : `${names.slice(0, SHOWN).join(', ')} and ${names.length - SHOWN} more`;
}

/** `ns/` in the place of all workloads of a namespace that has several; the order stays. */
function wholeNamespaces(names: readonly string[], sizes: ReadonlyMap<string, number>): readonly string[] {
  const namespaceOf = (name: string): string => (name.endsWith(']') ? (name.split('/')[0] ?? '') : '');
  const found = new Map<string, number>();
  for (const name of names) found.set(namespaceOf(name), (found.get(namespaceOf(name)) ?? 0) + 1);
  const whole = (namespace: string): boolean =>
    namespace !== '' && (found.get(namespace) ?? 0) > 1 && found.get(namespace) === sizes.get(namespace);
  return [...new Set(names.map((name) => (whole(namespaceOf(name)) ? `${namespaceOf(name)}/` : name)))];
}
