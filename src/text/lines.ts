const NEWLINE = 0x0a;

/** Counts lines of a file while offsets only move forward, so that a whole file costs one pass. */
export function lineCounter(bytes: Buffer): (offset: number) => { readonly line: number; readonly lineStart: number } {
  let line = 1;
  let lineStart = 0;
  // Looked for once: a file of a single line has no other, and is as long as they come.
  let next = bytes.indexOf(NEWLINE);
  return (offset) => {
    for (; next >= 0 && next < offset; next = bytes.indexOf(NEWLINE, lineStart)) {
      line++;
      lineStart = next + 1;
    }
    return { line, lineStart };
  };
}

/** Line and column (from 1) of an offset in a text that itself starts at a line and indent of a file. */
export function positionIn(
  text: string,
  offset: number,
  from: { readonly line: number; readonly indent: number },
): { readonly line: number; readonly column: number } {
  let line = from.line;
  let lineStart = -from.indent;
  for (let next = text.indexOf('\n'); next >= 0 && next < offset; next = text.indexOf('\n', next + 1)) {
    line++;
    lineStart = next + 1;
  }
  return { line, column: offset - lineStart + 1 };
}
