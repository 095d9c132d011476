import { formatPath } from '../../model/because.ts';
import { stringMap } from '../../model/json.ts';
import { refId, refOf, type ObjectRef } from '../../model/object.ts';
import { podTemplateOf } from '../../model/pods.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { CheckResult } from './types.ts';

const PREFIX = 'seaworthy.dev/suppress-';

/** A suppression as found, and what became of it. */
export interface Suppression {
  readonly check: string;
  readonly object: ObjectRef;
  /** inForce: it accepts a failure; unused: nothing fails that it could accept; expired; invalid: it accepts nothing. */
  readonly status: 'inForce' | 'unused' | 'expired' | 'invalid';
  readonly until?: string;
  readonly reason?: string;
  /** Where the annotation stands in the object. */
  readonly path: string;
  readonly says: string;
}

/**
 * Marks failures as accepted where an annotation `seaworthy.dev/suppress-<check>: "until=2027-01-31 reason…"` on the
 * object says so (a slash in the id of a check is written as a dot), and says what became of every suppression.
 * `today` is the day of judging, `2026-11-21`; the day named still counts.
 */
export function applySuppressions(
  snapshot: Snapshot,
  results: readonly CheckResult[],
  known: ReadonlySet<string>,
  today: string,
): { readonly results: readonly CheckResult[]; readonly suppressions: readonly Suppression[] } {
  const written = suppressionsOf(snapshot, known, today);
  if (written.length === 0) return { results, suppressions: [] };
  const inForce = new Map(written.filter((s) => s.status === 'inForce').map((s) => [keyOf(s), s]));
  const used = new Set<string>();
  const accepted = results.map((result) => {
    const suppression = result.verdict === 'fail' ? inForce.get(keyOf(result)) : undefined;
    if (suppression?.until === undefined) return result;
    used.add(keyOf(result));
    return { ...result, accepted: { reason: suppression.reason ?? '', until: suppression.until } };
  });
  const suppressions = written.map((suppression): Suppression => {
    if (suppression.status !== 'inForce' || used.has(keyOf(suppression))) return suppression;
    return {
      ...suppression,
      status: 'unused',
      says: `nothing here fails ${suppression.check}: remove the suppression`,
    };
  });
  return { results: accepted, suppressions };
}

function keyOf({ check, object }: Pick<CheckResult, 'check' | 'object'>): string {
  return `${check} ${refId(object)}`;
}

function suppressionsOf(snapshot: Snapshot, known: ReadonlySet<string>, today: string): readonly Suppression[] {
  return snapshot.kinds().flatMap((kind) =>
    snapshot.list(kind).flatMap(({ object }) => {
      const template = podTemplateOf(object);
      const written = [
        ...annotationsAt(stringMap(object.metadata.annotations), ['metadata', 'annotations']),
        ...(template === undefined || template.path.length === 0
          ? []
          : annotationsAt(template.annotations, [...template.path, 'metadata', 'annotations'])),
      ];
      return written.map(({ id, value, path }): Suppression => {
        const check = known.has(id) ? id : id.replace('.', '/');
        return { check, object: refOf(object), path, ...read(value, known.has(check), today) };
      });
    }),
  );
}

function annotationsAt(annotations: Readonly<Record<string, string>>, path: readonly string[]) {
  return Object.entries(annotations)
    .filter(([key]) => key.startsWith(PREFIX))
    .map(([key, value]) => ({ id: key.slice(PREFIX.length), value, path: formatPath([...path, key]) }));
}

function read(value: string, isKnown: boolean, today: string): Omit<Suppression, 'check' | 'object' | 'path'> {
  if (!isKnown) return { status: 'invalid', says: 'there is no check of this name' };
  const found = /^until=(\d{4}-\d{2}-\d{2})\s+(\S.*)$/s.exec(value.trim());
  const [until, reason] = [found?.[1], found?.[2]];
  if (until === undefined || reason === undefined || Number.isNaN(Date.parse(until))) {
    return { status: 'invalid', says: 'a suppression is written "until=2027-01-31 reason…": both are needed' };
  }
  if (until < today)
    return { status: 'expired', until, reason, says: `it ended on ${until}: fix the finding or renew the decision` };
  return { status: 'inForce', until, reason, says: `accepted until ${until}: ${reason}` };
}
