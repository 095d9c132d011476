/** A part of a file by byte offsets, the end left out. */
export interface Span {
  readonly start: number;
  readonly end: number;
}
