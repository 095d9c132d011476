import type { ProbeRequest } from '../../agent/requests.ts';
import type { ExecResult, PodAddress } from '../../cluster/types.ts';
import type { Cluster } from '../ports.ts';
import {
  DEFAULT_TIMEOUT_MS,
  failedAnswer,
  firstLine,
  type Answer,
  type Exited,
  type ProbeClient,
} from './clients/define-client.ts';
import { PROBE_CLIENTS } from './clients/index.ts';
import { parseAnswer, seaworthyProbe } from './clients/seaworthy-probe.ts';
import type { Heard, Question } from './conversations/conversation.ts';
import { createPool } from './conversations/pool.ts';
import { probeLines } from './conversations/probe-lines.ts';
import { shellLines } from './conversations/shell-lines.ts';
import { limiter } from './limited.ts';

/** A question with the answer a container gave, and through which client. */
export interface Asked {
  readonly request: ProbeRequest;
  readonly answer: Answer;
  /** Id of the client that asked; absent when the container has none that could. */
  readonly via?: string;
  /** When the question was asked, RFC 3339. */
  readonly at: string;
}

/** Asks questions from inside containers, through whatever client each has. */
export interface PodProber {
  /**
   * Asks all at the same time, so that answers are comparable. Never rejects: what can't be asked is a `probeError`,
   * and has no `via` when nothing in the container can ask at all.
   */
  ask(from: PodAddress, requests: readonly ProbeRequest[], signal?: AbortSignal): Promise<readonly Asked[]>;
  /** Ends what was started in containers to be asked. The next question starts it again. */
  hangUp(): Promise<void>;
}

/** How pods are asked. */
export interface PodProberOptions {
  /** Processes started at a time, over all containers; 8 when absent. */
  readonly concurrency?: number;
  readonly now: () => Date;
}

/** Time for starting a process in a container, on a node that does much else, on top of what the question may take. */
const EXEC_GRACE_MS = 15_000;
/** Time an answer of a program that runs already may take on top of what the question may. */
export const ANSWER_GRACE_MS = 10_000;

/** The clients found in a container, and whether it has a shell to run them; or why we can't look. */
type Found =
  | { readonly kind: 'clients'; readonly clients: readonly ProbeClient[]; readonly shell: boolean }
  | { readonly kind: 'none'; readonly because: string };

/**
 * A prober over the cluster's exec. What a container has is looked up once per container (by pod name; a restarted
 * pod runs the same image). Our own probe program, or else the container's shell, is started there once and kept to be
 * asked again, for starting a process takes longer than most answers do; a container without either is asked by one
 * process a question. Nothing is installed or written in a container, and what was started ends with the connection.
 */
export function createPodProber(cluster: Cluster, options: PodProberOptions): PodProber {
  const known = new Map<string, Promise<Found>>();
  const starting = limiter(options.concurrency ?? 8);
  const pooled = { open: cluster.openExec.bind(cluster), starting, now: options.now };
  const probes = createPool(probeLines, pooled);
  const shells = createPool(shellLines, pooled);
  const exec = (from: PodAddress, command: readonly string[], timeoutMs: number, signal?: AbortSignal) =>
    starting(() =>
      cluster.exec(from, command, { timeoutMs: timeoutMs + EXEC_GRACE_MS, ...(signal ? { signal } : {}) }),
    );
  const look = async (from: PodAddress): Promise<Found> => {
    const key = `${from.namespace}/${from.pod}/${from.container ?? ''}`;
    let found = known.get(key);
    if (!found) known.set(key, (found = findClients((command) => exec(from, command, DEFAULT_TIMEOUT_MS))));
    const result = await found;
    // A pod that is not running yet may be asked again later.
    if (result.kind === 'none') known.delete(key);
    return result;
  };
  const askProgram = async (from: PodAddress, requests: readonly ProbeRequest[], signal?: AbortSignal) => {
    const heard = await probes.ask(
      from,
      requests.map((request) => within(request, request)),
      signal,
    );
    return requests.map((request, index) => asked(request, heard[index], seaworthyProbe, (answer) => answer));
  };
  const askShell = async (
    from: PodAddress,
    pairs: readonly { readonly request: ProbeRequest; readonly client: ProbeClient }[],
    signal?: AbortSignal,
  ) => {
    const questions = pairs.map(({ request, client }) => within(request, client.command(request)));
    const heard = await shells.ask(from, questions, signal);
    return pairs.map(({ request, client }, index) =>
      asked(request, heard[index], client, (exited) => client.interpret(request, exited)),
    );
  };
  const askOnce = async (from: PodAddress, request: ProbeRequest, client: ProbeClient, signal?: AbortSignal) => {
    const askedAt = options.now();
    const result = await exec(from, client.command(request), timeoutOf(request), signal);
    const heard: Heard<Exited> =
      result.kind === 'exited'
        ? { kind: 'answer', answer: result, askedAt }
        : { kind: 'none', because: whyNot(result) };
    return asked(request, heard, client, (exited) => client.interpret(request, exited));
  };
  function asked<A>(
    request: ProbeRequest,
    heard: Heard<A> | undefined,
    client: ProbeClient,
    read: (answer: A) => Answer,
  ): Asked {
    if (heard?.kind === 'answer')
      return { request, answer: read(heard.answer), via: client.id, at: heard.askedAt.toISOString() };
    const because = heard?.because ?? 'the probe gave no answer';
    return { request, answer: failedAnswer(request, because), via: client.id, at: options.now().toISOString() };
  }
  return {
    async ask(from, requests, signal) {
      if (requests.length === 0) return [];
      const found = await look(from);
      if (found.kind === 'none') {
        const at = options.now().toISOString();
        return requests.map((request) => ({ request, answer: failedAnswer(request, found.because), at }));
      }
      if (found.clients.includes(seaworthyProbe)) return askProgram(from, requests, signal);
      const pairs = requests.flatMap((request) => {
        const client = found.clients.find((candidate) => candidate.speaks(request));
        return client ? [{ request, client }] : [];
      });
      const answers = found.shell
        ? await askShell(from, pairs, signal)
        : await Promise.all(pairs.map(({ request, client }) => askOnce(from, request, client, signal)));
      return requests.map((request) => {
        const answer = answers[pairs.findIndex((pair) => pair.request === request)];
        const why = `no program in this container can ask for ${request.kind}`;
        return answer ?? { request, answer: failedAnswer(request, why), at: options.now().toISOString() };
      });
    },
    async hangUp() {
      await Promise.all([probes.hangUp(), shells.hangUp()]);
    },
  };
}

/** A question with the time its answer may take. */
function within<Q>(request: ProbeRequest, question: Q): Question<Q> {
  return { question, withinMs: timeoutOf(request) + ANSWER_GRACE_MS };
}

/** Why an exec session gave no answer. */
function whyNot(result: Exclude<ExecResult, { kind: 'exited' }>): string {
  return result.kind === 'failed' ? result.because : 'the exec session did not end in time';
}

function timeoutOf(request: ProbeRequest): number {
  return ('timeoutMs' in request ? request.timeoutMs : undefined) ?? DEFAULT_TIMEOUT_MS;
}

/**
 * One look at the container's PATH through its shell; without a shell, the two programs that images without one may
 * carry are tried by name.
 */
async function findClients(exec: (command: readonly string[]) => Promise<ExecResult>): Promise<Found> {
  const programs = PROBE_CLIENTS.map((client) => client.program);
  const look = `for p in ${programs.join(' ')}; do command -v $p >/dev/null 2>&1 && echo $p; done; probe 2>&1 </dev/null | head -n 1; true`;
  const listed = await exec(['sh', '-c', look]);
  if (listed.kind === 'exited' && listed.code === 0) {
    const words = listed.stdout.split('\n').map((word) => word.trim());
    // Many programs are called `probe`; ours says how it is used.
    const isOurs = words.some((word) => word.startsWith('usage: probe serve|http|tcp|udp|dns'));
    const clients = PROBE_CLIENTS.filter(
      (client) => words.includes(client.program) && (client.program !== 'probe' || isOurs),
    );
    if (clients.length > 0) return { kind: 'clients', clients, shell: true };
    return { kind: 'none', because: `the container has a shell, but none of ${programs.join(', ')}` };
  }
  const own = await exec(['seaworthy-probe', 'whoami']);
  if (own.kind === 'exited' && parseAnswer(own.stdout))
    return { kind: 'clients', clients: [seaworthyProbe], shell: false };
  const image = await exec(['probe']);
  if (image.kind === 'exited' && image.stderr.startsWith('usage: probe serve')) {
    return { kind: 'clients', clients: PROBE_CLIENTS.filter((client) => client.id === 'probe'), shell: false };
  }
  return { kind: 'none', because: `nothing in the container can be run as a probe: ${describe(listed)}` };
}

function describe(result: ExecResult): string {
  if (result.kind === 'exited') return firstLine(result.stderr) || `sh ended with ${result.code}`;
  return whyNot(result);
}
