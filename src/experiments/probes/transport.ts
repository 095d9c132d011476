import type { ProbeRequest } from '../../agent/requests.ts';
import type { ExecResult, PodAddress } from '../../cluster/types.ts';
import type { Cluster } from '../ports.ts';
import { createBatches, whyNot } from './batches.ts';
import { DEFAULT_TIMEOUT_MS, failedAnswer, firstLine, type Answer, type ProbeClient } from './clients/define-client.ts';
import { PROBE_CLIENTS } from './clients/index.ts';
import { parseAnswer, seaworthyProbe } from './clients/seaworthy-probe.ts';
import { mapLimited } from './limited.ts';

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
}

export interface PodProberOptions {
  /** Exec sessions open at a time, over all containers; 8 when absent. */
  readonly concurrency?: number;
  readonly now: () => Date;
}

/** Time for starting a process in a container, on a node that does much else, on top of what the question may take. */
const EXEC_GRACE_MS = 15_000;

/** The clients found in a container, or why we can't look. */
type Found =
  | { readonly kind: 'clients'; readonly clients: readonly ProbeClient[] }
  | { readonly kind: 'none'; readonly because: string };

/**
 * A prober over the cluster's exec. What a container has is looked up once per container (by pod name; a restarted
 * pod runs the same image). Nothing is installed, written or left behind in a container.
 */
export function createPodProber(cluster: Cluster, options: PodProberOptions): PodProber {
  const known = new Map<string, Promise<Found>>();
  const limit = limiter(options.concurrency ?? 8);
  const batches = createBatches({
    limit,
    now: options.now,
    send: (from, requests, signal) =>
      cluster.exec(from, ['seaworthy-probe', 'batch'], {
        timeoutMs: Math.max(...requests.map(timeoutOf)) + EXEC_GRACE_MS,
        stdin: `${requests.map((request, id) => JSON.stringify({ ...request, id })).join('\n')}\n`,
        ...(signal ? { signal } : {}),
      }),
  });
  const exec = (from: PodAddress, command: readonly string[], timeoutMs: number, signal?: AbortSignal) =>
    limit(() => cluster.exec(from, command, { timeoutMs: timeoutMs + EXEC_GRACE_MS, ...(signal ? { signal } : {}) }));
  const look = async (from: PodAddress): Promise<Found> => {
    const key = `${from.namespace}/${from.pod}/${from.container ?? ''}`;
    let found = known.get(key);
    if (!found) known.set(key, (found = findClients((command) => exec(from, command, DEFAULT_TIMEOUT_MS))));
    const result = await found;
    // A pod that is not running yet may be asked again later.
    if (result.kind === 'none') known.delete(key);
    return result;
  };
  return {
    async ask(from, requests, signal) {
      if (requests.length === 0) return [];
      const found = await look(from);
      const at = options.now().toISOString();
      if (found.kind === 'none') {
        return requests.map((request) => ({ request, answer: failedAnswer(request, found.because), at }));
      }
      if (found.clients.includes(seaworthyProbe)) {
        const { answers, at: sentAt } = await batches.ask(from, requests, signal);
        return requests.map((request, index) => ({
          request,
          answer: answers[index] ?? failedAnswer(request, 'the probe gave no answer'),
          via: seaworthyProbe.id,
          at: sentAt,
        }));
      }
      return mapLimited(requests, requests.length, async (request) => {
        const client = found.clients.find((candidate) => candidate.speaks(request));
        if (!client) {
          return {
            request,
            answer: failedAnswer(request, `no program in this container can ask for ${request.kind}`),
            at,
          };
        }
        const result = await exec(from, client.command(request), timeoutOf(request), signal);
        const answer =
          result.kind === 'exited' ? client.interpret(request, result) : failedAnswer(request, whyNot(result));
        return { request, answer, via: client.id, at };
      });
    },
  };
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
    if (clients.length > 0) return { kind: 'clients', clients };
    return { kind: 'none', because: `the container has a shell, but none of ${programs.join(', ')}` };
  }
  const own = await exec(['seaworthy-probe', 'whoami']);
  if (own.kind === 'exited' && parseAnswer(own.stdout)) return { kind: 'clients', clients: [seaworthyProbe] };
  const image = await exec(['probe']);
  if (image.kind === 'exited' && image.stderr.startsWith('usage: probe serve')) {
    return { kind: 'clients', clients: PROBE_CLIENTS.filter((client) => client.id === 'probe') };
  }
  return { kind: 'none', because: `nothing in the container can be run as a probe: ${describe(listed)}` };
}

function describe(result: ExecResult): string {
  if (result.kind === 'exited') return firstLine(result.stderr) || `sh ended with ${result.code}`;
  return whyNot(result);
}

/** Lets `limit` pieces of work run at a time; the others wait their turn. */
function limiter(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    running++;
    try {
      return await work();
    } finally {
      running--;
      waiting.shift()?.();
    }
  };
}
