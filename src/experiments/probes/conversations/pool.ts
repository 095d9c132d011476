import type { ExecSession, PodAddress } from '../../../cluster/types.ts';
import { messageOf } from '../../../model/errors.ts';
import { converse, type Conversation, type Heard, type Question } from './conversation.ts';
import type { Protocol } from './protocol.ts';

/** How programs are started and timed. */
export interface PoolOptions {
  readonly open: (from: PodAddress, command: readonly string[]) => Promise<ExecSession>;
  /** Waits for its turn among all programs that are being started. */
  readonly starting: <T>(work: () => Promise<T>) => Promise<T>;
  readonly now: () => Date;
}

/** Conversations with many containers, one with each, kept open between questions. */
export interface Pool<Q, A> {
  /** Asks a container, over the conversation that is open with it, or a new one. Never rejects. */
  ask(from: PodAddress, questions: readonly Question<Q>[], signal?: AbortSignal): Promise<readonly Heard<A>[]>;
  /** Ends every conversation. The next question opens a new one. */
  hangUp(): Promise<void>;
}

/** Time for starting a program in a container, on a node that does much else. */
const STARTS_WITHIN_MS = 15_000;
/** A conversation nobody has used for so long is ended: pods are not kept busy between two pieces of work. */
const IDLE_MS = 20_000;
/** Conversations kept open at most; the one unused for longest makes room. */
const MOST = 64;

type Opened<Q, A> = Awaited<ReturnType<typeof converse<Q, A>>>;

/** Starts a program in a container when it is first asked something. */
export function createPool<Q, A>(protocol: Protocol<Q, A>, { open, starting, now }: PoolOptions): Pool<Q, A> {
  const opened = new Map<string, Promise<Opened<Q, A>>>();
  /** Those that stand; the others are still on their way. */
  const standing = new Map<string, Conversation<Q, A>>();
  let sweeping: NodeJS.Timeout | undefined;

  const end = async (key: string, conversation: Conversation<Q, A>): Promise<void> => {
    forget(key, conversation);
    await conversation.end();
  };
  const forget = (key: string, conversation: Conversation<Q, A>): void => {
    if (standing.get(key) !== conversation) return;
    standing.delete(key);
    opened.delete(key);
    if (standing.size === 0) clearInterval(sweeping);
  };
  const sweep = (): void => {
    const unused = [...standing].filter(([, { idle }]) => idle).sort(([, a], [, b]) => a.lastUsed - b.lastUsed);
    const tooMany = standing.size - MOST;
    for (const [index, [key, conversation]] of unused.entries())
      if (index < tooMany || performance.now() - conversation.lastUsed > IDLE_MS) void end(key, conversation);
  };
  const start = async (key: string, from: PodAddress): Promise<Opened<Q, A>> => {
    const begun = await starting(async (): Promise<Opened<Q, A>> => {
      try {
        const session = await open(from, protocol.command);
        return await converse(session, protocol, { helloWithinMs: STARTS_WITHIN_MS, now });
      } catch (thrown) {
        return { kind: 'none', because: messageOf(thrown) };
      }
    });
    if (!('ask' in begun)) {
      opened.delete(key);
      return begun;
    }
    if (standing.size === 0) sweeping = setInterval(sweep, IDLE_MS / 4).unref();
    standing.set(key, begun);
    void begun.over.then(() => forget(key, begun));
    sweep();
    return begun;
  };
  return {
    async ask(from, questions, signal) {
      const key = `${from.namespace}/${from.pod}/${from.container ?? ''}`;
      const stood = standing.get(key);
      if (stood?.lost === true) forget(key, stood);
      let conversation = opened.get(key);
      if (!conversation) opened.set(key, (conversation = start(key, from)));
      const found = await conversation;
      return 'ask' in found ? found.ask(questions, signal) : questions.map(() => found);
    },
    async hangUp() {
      await Promise.all(opened.values());
      await Promise.all([...standing].map(([key, conversation]) => end(key, conversation)));
    },
  };
}
