import type {
  ConnectAnswer,
  ConnectOutcome,
  DnsAnswer,
  HttpAnswer,
  InvalidAnswer,
  ProbeRequest,
  WhoamiAnswer,
} from '../../../agent/requests.ts';

/** Who a process is; what only our own probe program can tell is optional. */
export type IdentityAnswer = Omit<WhoamiAnswer, 'rootWritable' | 'hostname' | 'tokenMounted'> &
  Partial<Pick<WhoamiAnswer, 'rootWritable' | 'tokenMounted'>>;

/** What came of a question that was put to a container. */
export type Answer = ConnectAnswer | HttpAnswer | DnsAnswer | IdentityAnswer | InvalidAnswer;

/** What a command printed and how it ended. */
export interface Exited {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A program that containers happen to have and that can ask a question for us. Each knows how to be called and how
 * to read its own answers; what its words don't settle is a `probeError`, never a guess.
 */
export interface ProbeClient {
  readonly id: string;
  /** The program to look for on the container's PATH. */
  readonly program: string;
  speaks(request: ProbeRequest): boolean;
  command(request: ProbeRequest): readonly string[];
  interpret(request: ProbeRequest, exited: Exited): Answer;
}

/** How long a question may take that names no time. */
export const DEFAULT_TIMEOUT_MS = 2_000;

/** The time a question may take, in whole seconds, one at least: what most clients understand. */
export function secondsOf(request: ProbeRequest): number {
  const timeout = 'timeoutMs' in request ? request.timeoutMs : undefined;
  return Math.max(1, Math.round((timeout ?? DEFAULT_TIMEOUT_MS) / 1_000));
}

/** `10.0.0.1:80`, `[fd00::1]:80`. */
export function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** How the system calls name what came of a connection, in the words most programs print. */
export function outcomeOfWords(words: string): ConnectOutcome | undefined {
  if (/i\/o timeout|timed out|timeout|deadline exceeded/i.test(words)) return 'timeout';
  if (/connection refused|connection reset|no route to host|host is unreachable|EHOSTUNREACH/i.test(words))
    return 'refused';
  return undefined;
}

/** What a client without a clock of its own says of a connection: it took 0 milliseconds. */
export function connectAnswer(outcome: ConnectOutcome, detail: string): ConnectAnswer {
  return { kind: 'connect', outcome, detail: firstLine(detail), milliseconds: 0 };
}

/** The same of an HTTP request. */
export function httpAnswer(outcome: ConnectOutcome, detail: string, status?: number, body?: string): HttpAnswer {
  return {
    kind: 'http',
    outcome,
    detail: firstLine(detail),
    milliseconds: 0,
    ...(status === undefined ? {} : { status }),
    ...(body === undefined ? {} : { body }),
  };
}

/** The answer of a question that could not be asked, in the shape of that question's answers. */
export function failedAnswer(request: ProbeRequest, detail: string): Answer {
  switch (request.kind) {
    case 'connect':
      return connectAnswer('probeError', detail);
    case 'http':
      return httpAnswer('probeError', detail);
    case 'dns':
      return { kind: 'dns', outcome: 'probeError', detail: firstLine(detail), milliseconds: 0, addresses: [] };
    case 'whoami':
      return { kind: 'invalid', outcome: 'probeError', detail: firstLine(detail) };
  }
}

/** The first line of what a program said, within 300 characters. */
export function firstLine(words: string): string {
  return words.trim().split('\n')[0]?.slice(0, 300) ?? '';
}
