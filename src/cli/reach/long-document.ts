import type { Io } from '../io.ts';
import { write } from '../output.ts';

/** A field of a document that is too long for one string: its entries in parts. */
export type LongList = readonly [name: string, parts: Iterable<readonly object[]>];

/** Prints one JSON document whose last fields are long lists, an entry a line, part by part as they are computed. */
export async function printLongDocument(io: Io, head: object, lists: readonly LongList[]): Promise<void> {
  await write(io.stdout, JSON.stringify(head, null, 2).slice(0, -2));
  for (const [name, parts] of lists) {
    await write(io.stdout, `,\n  ${JSON.stringify(name)}: [`);
    let first = true;
    for (const part of parts) {
      if (part.length === 0) continue;
      const lines = part.map((one) => `\n    ${JSON.stringify(one)}`).join(',');
      await write(io.stdout, `${first ? '' : ','}${lines}`);
      first = false;
    }
    await write(io.stdout, '\n  ]');
  }
  await write(io.stdout, '\n}\n');
}

/** Some entries at a time. */
export function* inParts<T>(all: Iterable<T>, size = 100): Generator<readonly T[]> {
  let part: T[] = [];
  for (const one of all) {
    part.push(one);
    if (part.length < size) continue;
    yield part;
    part = [];
  }
  yield part;
}
