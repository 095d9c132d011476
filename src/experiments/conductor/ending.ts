import type { RunState } from '../design/run-record.ts';
import type { Tell } from './run-event.ts';

/** Why and how far a run is brought to its end before its time. */
export interface Ending {
  /** Set once; the first reason counts. */
  readonly why: { readonly state: RunState; readonly because: string } | undefined;
  /** Aborts when nothing more may be broken. */
  readonly halted: AbortSignal;
  /** Aborts when the way back need not be watched either. */
  readonly left: AbortSignal;
  stop(state: RunState, because: string): void;
  /** Stops, and leaves. */
  leave(state: RunState, because: string): void;
}

/** The first reason to end is the one that counts. */
export function createEnding(tell: Tell): Ending {
  const halt = new AbortController();
  const leaving = new AbortController();
  let why: Ending['why'];
  const stop = (state: RunState, because: string): void => {
    if (why) return;
    why = { state, because };
    tell({ kind: 'ending', state, because });
    halt.abort();
  };
  return {
    get why() {
      return why;
    },
    halted: halt.signal,
    left: leaving.signal,
    stop,
    leave(state, because) {
      stop(state, because);
      leaving.abort();
    },
  };
}
