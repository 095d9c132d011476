import type { Io } from '../io.ts';

const CTRL_C = String.fromCodePoint(3);

/** A signal that aborts on `q` typed at the terminal, or when the process is told to end. `release` gives the terminal back. */
export function abortOnKey(io: Io): { readonly signal: AbortSignal; release(): void } {
  const pressed = new AbortController();
  const stdin = io.stdin as NodeJS.ReadStream;
  const typed = (chunk: Buffer | string): void => {
    // In raw mode Ctrl-C arrives as a character.
    if (['q', 'Q', CTRL_C].includes(chunk.toString())) pressed.abort();
  };
  if (stdin.isTTY) {
    stdin.setRawMode(true);
    stdin.resume();
    stdin.on('data', typed);
  }
  return {
    signal: AbortSignal.any([io.signal, pressed.signal]),
    release() {
      if (!stdin.isTTY) return;
      stdin.off('data', typed);
      stdin.setRawMode(false);
      stdin.pause();
    },
  };
}
