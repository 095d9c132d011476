import { StringDecoder } from 'node:string_decoder';

/** Lines that arrive in pieces of any size, for one reader to take one after the other. */
export interface LineQueue {
  add(chunk: Buffer): void;
  /** Nothing more will come; a last line without its end is given too. */
  end(): void;
  readonly all: AsyncIterable<string>;
}

/** Empty until something is pushed. */
export function lineQueue(): LineQueue {
  const decoder = new StringDecoder('utf8');
  const waiting: string[] = [];
  let rest = '';
  let ended = false;
  let wake = (): void => undefined;
  async function* all(): AsyncGenerator<string> {
    for (;;) {
      for (let line = waiting.shift(); line !== undefined; line = waiting.shift()) yield line;
      if (ended) return;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  return {
    all: all(),
    add(chunk) {
      const lines = (rest + decoder.write(chunk)).split('\n');
      rest = lines.pop() ?? '';
      waiting.push(...lines);
      wake();
    },
    end() {
      if (rest !== '') waiting.push(rest);
      rest = '';
      ended = true;
      wake();
    },
  };
}
