import type { Asked } from '../transport.ts';

/** A SYN that is not answered is sent again after a second (RFC 6298): waiting less sees the same one packet. */
export const TIMEOUT_MS = 1_000;
/** Least time waited for an answer where the control beside it was quick. */
const QUICK_TIMEOUT_MS = 300;
/** So many times what its control took an answer is waited for. */
const TIMES_THE_CONTROL = 20;

/** How long an answer to one who asks is worth waiting for, in milliseconds, by what its control took the last time. */
export interface Patience {
  with(who: string): number;
  /** The control that connected, if one did. */
  learn(who: string, control: Asked | undefined): void;
}

/** Knows nobody yet: everybody is waited for as long as ever. */
export function createPatience(): Patience {
  const took = new Map<string, number>();
  return {
    with(who) {
      // What a client that can't measure gives is 0.
      const milliseconds = took.get(who) ?? 0;
      if (milliseconds === 0) return TIMEOUT_MS;
      return Math.min(TIMEOUT_MS, Math.max(QUICK_TIMEOUT_MS, milliseconds * TIMES_THE_CONTROL));
    },
    learn(who, control) {
      took.delete(who);
      if (control && hasConnected(control) && 'milliseconds' in control.answer)
        took.set(who, control.answer.milliseconds);
    },
  };
}

/** Whether an answer is a connection that opened. */
export function hasConnected({ answer }: Asked): boolean {
  return answer.kind === 'connect' && answer.outcome === 'connected';
}
