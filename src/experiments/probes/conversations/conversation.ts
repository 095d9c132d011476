import type { ExecResult, ExecSession } from '../../../cluster/types.ts';
import { firstLine } from '../clients/define-client.ts';
import { limiter } from '../limited.ts';
import type { Protocol } from './protocol.ts';

/** What came of a question: an answer and when it was asked, or why there is none. */
export type Heard<A> =
  | { readonly kind: 'answer'; readonly answer: A; readonly askedAt: Date }
  | { readonly kind: 'none'; readonly because: string };

/** One question of a conversation. */
export interface Question<Q> {
  readonly question: Q;
  /** How long an answer may take, in milliseconds; the time it waits for its turn does not count. */
  readonly withinMs: number;
}

/** A program in a container that stays there to be asked. */
export interface Conversation<Q, A> {
  /** Asks all at the same time, as far as the program works at so many. Never rejects. */
  ask(questions: readonly Question<Q>[], signal?: AbortSignal): Promise<readonly Heard<A>[]>;
  /** When it was last asked, or answered. */
  readonly lastUsed: number;
  /** Whether nothing that was asked is open. */
  readonly idle: boolean;
  /** Whether it was hung up on: nothing asked of it will be answered. */
  readonly lost: boolean;
  /** Ends the program by ending its input, and hangs up when it does not end. Resolves when it is over. */
  end(): Promise<void>;
  readonly over: Promise<unknown>;
}

/** Time a program may take to end once its input has. */
const ENDS_WITHIN_MS = 2_000;

/**
 * Talks with a program once it has said hello. A program that lets a question pass unanswered is taken for lost: it is
 * hung up on, and everything still open is left without an answer.
 */
export async function converse<Q, A>(
  session: ExecSession,
  protocol: Protocol<Q, A>,
  options: { readonly helloWithinMs: number; readonly now: () => Date },
): Promise<Conversation<Q, A> | { readonly kind: 'none'; readonly because: string }> {
  const open = new Map<number, (heard: { readonly answer: A } | { readonly because: string }) => void>();
  const seats = limiter(protocol.atOnce);
  let lost: string | undefined;
  let nextId = 0;
  let lastUsed = performance.now();

  const one = (text: (id: number) => string, withinMs: number): Promise<{ answer: A } | { because: string }> =>
    new Promise((settle) => {
      if (lost !== undefined) return settle({ because: lost });
      const id = nextId++;
      const late = setTimeout(() => hangUp(`no answer in ${withinMs} ms`), withinMs);
      open.set(id, (heard) => {
        open.delete(id);
        clearTimeout(late);
        lastUsed = performance.now();
        settle(heard);
      });
      session.write(text(id));
    });
  const hangUp = (because: string): void => {
    lost ??= because;
    session.close();
    for (const settle of open.values()) settle({ because });
  };
  const askNow = async (questions: readonly Question<Q>[]): Promise<readonly Heard<A>[]> => {
    const askedAt = options.now();
    const heard = await Promise.all(
      questions.map(({ question, withinMs }) => one((id) => protocol.write(id, question), withinMs)),
    );
    return heard.map((each) =>
      'answer' in each ? { kind: 'answer', ...each, askedAt } : { kind: 'none', because: each.because },
    );
  };
  const listen = async (): Promise<void> => {
    const read = protocol.reader();
    for await (const line of session.lines) {
      const heard = read(line);
      if (!heard) continue;
      if (protocol.answered && heard.id > 0) session.write(protocol.answered(heard.id));
      open.get(heard.id)?.({ answer: heard.answer });
    }
    hangUp(howItEnded(await session.ended));
  };
  const over = listen();

  const hello = await one(() => protocol.hello, options.helloWithinMs);
  if (!('answer' in hello)) return { kind: 'none', because: hello.because };
  return {
    over,
    get lastUsed() {
      return lastUsed;
    },
    get idle() {
      return open.size === 0;
    },
    get lost() {
      return lost !== undefined;
    },
    async ask(questions, signal) {
      lastUsed = performance.now();
      const pieces = Array.from({ length: Math.ceil(questions.length / protocol.atOnce) }, (_, piece) =>
        questions.slice(piece * protocol.atOnce, (piece + 1) * protocol.atOnce),
      );
      const asking = Promise.all(pieces.map((piece) => seats(() => askNow(piece), piece.length)));
      const heard = await unlessAborted(asking, signal);
      return heard?.flat() ?? questions.map(() => ({ kind: 'none', because: 'interrupted' }));
    },
    async end() {
      session.end();
      const late = setTimeout(() => session.close(), ENDS_WITHIN_MS);
      await over;
      clearTimeout(late);
    },
  };
}

/** What comes of some work; undefined when the signal aborts before. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
  if (!signal) return work;
  if (signal.aborted) return undefined;
  let stop = (): void => undefined;
  const aborted = new Promise<undefined>((resolve) => (stop = () => resolve(undefined)));
  signal.addEventListener('abort', stop);
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function howItEnded(ended: ExecResult): string {
  if (ended.kind === 'failed') return ended.because;
  return firstLine(ended.stderr) || 'the probe in the container has ended';
}
