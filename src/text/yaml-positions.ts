import { EVENT_ID, getScalarValue, type Event, type ScalarEvent } from 'js-yaml';

/** The keys and list indexes that lead to a field. */
export type FieldPath = readonly (string | number)[];

/**
 * Offset in the text of the field a path leads to (its key, or the start of a list entry), or of the nearest
 * parent that is there. Reads at most the events before it.
 */
export function offsetOf(events: readonly Event[], source: string, path: FieldPath): number | undefined {
  let at = 1; // events[0] opens the document
  let offset = startOf(events[at]);
  for (const step of path) {
    const found = child(events, source, at, step);
    if (!found) break;
    at = found.value;
    offset = found.offset;
  }
  return offset;
}

/** Offsets of the entries of the list a path leads to; none when it leads elsewhere. */
export function entryOffsets(events: readonly Event[], source: string, path: FieldPath): readonly number[] {
  let at = 1;
  for (const step of path) {
    const found = child(events, source, at, step);
    if (!found) return [];
    at = found.value;
  }
  if (events[at]?.type !== EVENT_ID.SEQUENCE) return [];
  const offsets: number[] = [];
  for (let i = at + 1; events[i] !== undefined && events[i]?.type !== EVENT_ID.POP; i = after(events, i)) {
    offsets.push(startOf(events[i]) ?? 0);
  }
  return offsets;
}

function child(
  events: readonly Event[],
  source: string,
  at: number,
  step: string | number,
): { readonly value: number; readonly offset: number } | undefined {
  const parent = events[at];
  if (parent?.type === EVENT_ID.SEQUENCE && typeof step === 'number') {
    let i = at + 1;
    for (let index = 0; index < step && !closes(events[i]); index++) i = after(events, i);
    return closes(events[i]) ? undefined : { value: i, offset: startOf(events[i]) ?? 0 };
  }
  if (parent?.type === EVENT_ID.MAPPING && typeof step === 'string') {
    let found: { value: number; offset: number } | undefined;
    for (let i = at + 1; !closes(events[i]);) {
      const key = events[i];
      const value = after(events, i);
      if (key?.type === EVENT_ID.SCALAR && keyText(source, key) === step) {
        found = { value, offset: startOf(key) ?? 0 }; // the last of a doubled key is the one that counts
      }
      i = after(events, value);
    }
    return found;
  }
  return undefined;
}

function keyText(source: string, key: ScalarEvent): string {
  return getScalarValue(source, key);
}

function closes(event: Event | undefined): boolean {
  return event === undefined || event.type === EVENT_ID.POP;
}

/** Index of the event after the node that starts at `i`. */
function after(events: readonly Event[], i: number): number {
  let depth = 0;
  for (let at = i; at < events.length; at++) {
    const type = events[at]?.type;
    if (type === EVENT_ID.MAPPING || type === EVENT_ID.SEQUENCE || type === EVENT_ID.DOCUMENT) depth++;
    else if (type === EVENT_ID.POP) depth--;
    if (depth === 0) return at + 1;
  }
  return events.length;
}

function startOf(event: Event | undefined): number | undefined {
  switch (event?.type) {
    case EVENT_ID.SEQUENCE:
    case EVENT_ID.MAPPING:
      return event.start;
    case EVENT_ID.SCALAR:
      return event.valueStart;
    case EVENT_ID.ALIAS:
      return event.anchorStart;
    default:
      return undefined;
  }
}
