/** How one program is talked with over its standard streams: many questions at a time, told apart by a number. */
export interface Protocol<Q, A> {
  /** Starts the program. It reads questions from its standard input until that ends, and ends then. */
  readonly command: readonly string[];
  /** Questions it works at side by side; more would not be comparable with each other. */
  readonly atOnce: number;
  /** Written first. It is answered as number 0 as soon as the program can be asked. */
  readonly hello: string;
  /** The text that asks a question; ends in a line feed. */
  write(id: number, question: Q): string;
  /** Written when the answer has come: the program may let go of the question. */
  answered?(id: number): string;
  /** Reads what one program prints, line by line: gives an answer when a line completes it. */
  reader(): (line: string) => { readonly id: number; readonly answer: A } | undefined;
}
