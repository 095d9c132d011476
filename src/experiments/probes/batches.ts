import type { ProbeRequest } from '../../agent/requests.ts';
import type { ExecResult, PodAddress } from '../../cluster/types.ts';
import { isRecord } from '../../model/json.ts';
import { failedAnswer, firstLine, type Answer } from './clients/define-client.ts';
import { parseAnswer } from './clients/seaworthy-probe.ts';

/** Answers in the order of the questions, and when they were sent. */
export interface Batched {
  readonly answers: readonly Answer[];
  /** RFC 3339. */
  readonly at: string;
}

export interface BatchOptions {
  /** One exec of our own probe program, fed with these questions. */
  readonly send: (
    from: PodAddress,
    requests: readonly ProbeRequest[],
    signal: AbortSignal | undefined,
  ) => Promise<ExecResult>;
  /** Waits for its turn among all exec sessions. */
  readonly limit: <T>(work: () => Promise<T>) => Promise<T>;
  readonly now: () => Date;
}

/** Questions the probe program asks at the same time; more would not be comparable with each other. */
const MAX_QUESTIONS = 64;
/** Sessions in one container at a time: a second one, so that a quick question does not wait for a slow one. */
const SESSIONS_A_CONTAINER = 2;

interface Batch {
  readonly requests: Map<string, ProbeRequest>;
  readonly signal: AbortSignal | undefined;
  readonly result: Promise<{ readonly byKey: ReadonlyMap<string, Answer>; readonly at: string }>;
  open: boolean;
}

interface Container {
  running: number;
  readonly waiting: (() => void)[];
  batches: Batch[];
}

/**
 * Puts questions to one container together: whoever asks while a session is still waiting for its turn joins it, and
 * the same question is asked once. A hundred claims probed side by side cost a few sessions a pod, not hundreds.
 */
export function createBatches({ send, limit, now }: BatchOptions): {
  ask(from: PodAddress, requests: readonly ProbeRequest[], signal?: AbortSignal): Promise<Batched>;
} {
  const containers = new Map<string, Container>();
  const start = (from: PodAddress, container: Container, signal: AbortSignal | undefined): Batch => {
    const requests = new Map<string, ProbeRequest>();
    const sent = async (): Promise<Awaited<Batch['result']>> => {
      if (container.running >= SESSIONS_A_CONTAINER)
        await new Promise<void>((resolve) => container.waiting.push(resolve));
      container.running++;
      try {
        return await limit(async () => {
          batch.open = false;
          container.batches = container.batches.filter((other) => other !== batch);
          const at = now().toISOString();
          const asked = [...requests.values()];
          const answers = readBatch(asked, await send(from, asked, signal));
          return { at, byKey: new Map([...requests.keys()].map((key, index) => [key, answers[index] as Answer])) };
        });
      } finally {
        container.running--;
        container.waiting.shift()?.();
      }
    };
    // Begun a turn later, so that what is asked in one go travels in one session.
    const batch: Batch = { requests, signal, open: true, result: Promise.resolve().then(sent) };
    container.batches.push(batch);
    return batch;
  };
  return {
    async ask(from, requests, signal) {
      const name = `${from.namespace}/${from.pod}/${from.container ?? ''}`;
      let container = containers.get(name);
      if (!container) containers.set(name, (container = { running: 0, waiting: [], batches: [] }));
      const joinable = container.batches.find(
        (batch) => batch.open && batch.signal === signal && batch.requests.size + requests.length <= MAX_QUESTIONS,
      );
      const batch = joinable ?? start(from, container, signal);
      for (const request of requests) batch.requests.set(keyOf(request), request);
      const { byKey, at } = await batch.result;
      return {
        at,
        answers: requests.map(
          (request) => byKey.get(keyOf(request)) ?? failedAnswer(request, 'the probe gave no answer'),
        ),
      };
    },
  };
}

function keyOf(request: ProbeRequest): string {
  return JSON.stringify(request);
}

function readBatch(requests: readonly ProbeRequest[], result: ExecResult): readonly Answer[] {
  const answers = new Map<number, Answer>();
  if (result.kind !== 'failed') {
    for (const line of result.stdout.split('\n')) {
      const parsed: unknown = parseAnswer(line);
      if (isRecord(parsed) && typeof parsed['id'] === 'number') answers.set(parsed['id'], parsed as unknown as Answer);
    }
  }
  const missing = result.kind === 'exited' ? firstLine(result.stderr) || 'the probe gave no answer' : whyNot(result);
  return requests.map((request, id) => answers.get(id) ?? failedAnswer(request, missing));
}

/** Why an exec session gave no answer. */
export function whyNot(result: Exclude<ExecResult, { kind: 'exited' }>): string {
  return result.kind === 'failed' ? result.because : 'the exec session did not end in time';
}
