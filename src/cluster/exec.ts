import { WebSocket, type RawData } from 'ws';
import { at, record, records, text } from '../model/json.ts';
import type { Http } from './http.ts';
import { lineQueue } from './line-queue.ts';
import type { ExecOptions, ExecResult, ExecSession, PodAddress } from './types.ts';

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const STATUS = 3;
/** v5 only: says that a channel has ended. */
const CLOSE = 255;
const V5 = 'v5.channel.k8s.io';
const TIMEOUT_MS = 30_000;
/** Output beyond this is cut off; nothing we run prints more. */
const MAX_OUTPUT = 16 << 20;

/**
 * Runs a command in a container over the API server's WebSocket protocol. The command itself is not killed when
 * we stop waiting: Kubernetes has no way to do so, so what is run must end by itself.
 */
export async function execInPod(
  http: Http,
  pod: PodAddress,
  command: readonly string[],
  options: ExecOptions = {},
): Promise<ExecResult> {
  const interrupted = (): boolean => options.signal?.aborted ?? false;
  if (interrupted()) return { kind: 'failed', because: 'interrupted' };
  const output = { [STDOUT]: collector(), [STDERR]: collector() };
  const wire = await openWire(http, execPath(pod, command, options.stdin !== undefined), (channel, content) =>
    output[channel].add(content),
  );
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    wire.hangUp();
  }, options.timeoutMs ?? TIMEOUT_MS);
  options.signal?.addEventListener('abort', wire.hangUp, { once: true });
  if (options.stdin !== undefined) {
    wire.write(Buffer.from(options.stdin));
    wire.endInput();
  }
  const { status, trouble } = await wire.closed;
  clearTimeout(timer);
  options.signal?.removeEventListener('abort', wire.hangUp);
  const printed = { stdout: output[STDOUT].text(), stderr: output[STDERR].text() };
  if (timedOut) return { kind: 'timeout', ...printed };
  if (interrupted()) return { kind: 'failed', because: 'interrupted' };
  if (status === undefined) return { kind: 'failed', because: trouble };
  return resultOf(status, printed);
}

/**
 * Starts a command in a container and keeps its streams open. A container runtime ends the standard input of the
 * command when the connection is lost, whoever has died: a command that reads it to its end leaves nothing behind.
 */
export async function openExec(http: Http, pod: PodAddress, command: readonly string[]): Promise<ExecSession> {
  const said = collector();
  const lines = lineQueue();
  const wire = await openWire(http, execPath(pod, command, true), (channel, content) => {
    if (channel === STDOUT) lines.add(content);
    else said.add(content);
  });
  const ended = wire.closed.then(({ status, trouble }): ExecResult => {
    lines.end();
    if (status === undefined) return { kind: 'failed', because: trouble };
    return resultOf(status, { stdout: '', stderr: said.text() });
  });
  return {
    lines: lines.all,
    write: (content) => wire.write(Buffer.from(content)),
    end: () => wire.endInput({ orHangUp: true }),
    close: wire.hangUp,
    ended,
  };
}

/** A WebSocket that carries the streams of one command. */
interface Wire {
  /** What is written before the connection stands waits for it. */
  write(content: Uint8Array): void;
  /** Only version 5 of the protocol can say that an input has ended. */
  endInput(options?: { readonly orHangUp?: boolean }): void;
  readonly hangUp: () => void;
  /** Never rejects. The Status of the command, when it came to that; why it did not otherwise. */
  readonly closed: Promise<{ readonly status: unknown; readonly trouble: string }>;
}

async function openWire(
  http: Http,
  path: string,
  onOutput: (channel: typeof STDOUT | typeof STDERR, content: Buffer) => void,
): Promise<Wire> {
  const { url, options } = await http.webSocketTarget(path);
  const socket = new WebSocket(url, [V5, 'v4.channel.k8s.io'], { ...options, handshakeTimeout: 15_000 });
  const early: (() => void)[] = [];
  const whenOpen = (work: () => void): void => {
    if (socket.readyState === WebSocket.CONNECTING) early.push(work);
    else if (socket.readyState === WebSocket.OPEN) work();
  };
  const hangUp = (): void => socket.terminate();
  const closed = new Promise<Awaited<Wire['closed']>>((settle) => {
    let status: unknown;
    let trouble: string | undefined;
    socket.on('open', () => {
      for (const work of early) work();
    });
    socket.on('message', (data: RawData) => {
      const frame = asBuffer(data);
      const content = frame.subarray(1);
      if (frame[0] === STDOUT || frame[0] === STDERR) onOutput(frame[0], content);
      else if (frame[0] === STATUS) status = parseStatus(content.toString('utf8'));
    });
    socket.on('unexpected-response', (_, response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString('utf8');
        trouble = refusal(body) ?? `the API server answered ${response.statusCode}`;
        hangUp();
      });
    });
    socket.on('error', (error) => {
      trouble ??= error.message;
    });
    socket.on('close', () => settle({ status, trouble: trouble ?? 'the connection was lost' }));
  });
  return {
    write: (content) => whenOpen(() => send(socket, STDIN, Buffer.from(content))),
    endInput: ({ orHangUp = false } = {}) =>
      whenOpen(() => {
        if (socket.protocol === V5) socket.send(Buffer.from([CLOSE, STDIN]));
        else if (orHangUp) hangUp();
      }),
    hangUp,
    closed,
  };
}

function execPath({ namespace, pod, container }: PodAddress, command: readonly string[], stdin: boolean): string {
  const parameters = new URLSearchParams();
  for (const part of command) parameters.append('command', part);
  if (container !== undefined) parameters.set('container', container);
  if (stdin) parameters.set('stdin', 'true');
  parameters.set('stdout', 'true');
  parameters.set('stderr', 'true');
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/exec`;
  return `${path}?${parameters.toString().replaceAll('+', '%20')}`;
}

function send(socket: WebSocket, channel: number, content: Buffer): void {
  const FRAME = 32 << 10;
  for (let at = 0; at < content.length; at += FRAME) {
    socket.send(Buffer.concat([Buffer.from([channel]), content.subarray(at, at + FRAME)]));
  }
}

function asBuffer(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}

function collector(): { add(chunk: Buffer): void; text(): string } {
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    add(chunk) {
      if (size < MAX_OUTPUT) chunks.push(chunk);
      size += chunk.length;
    },
    text: () => Buffer.concat(chunks).toString('utf8'),
  };
}

function parseStatus(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return { status: 'Failure', message: body };
  }
}

function refusal(body: string): string | undefined {
  return text(at(parseStatus(body), 'message'));
}

/** The Status on the last channel: success, or the exit code among its causes, or why nothing ran. */
function resultOf(status: unknown, output: { readonly stdout: string; readonly stderr: string }): ExecResult {
  const { status: verdict, reason, message } = record(status);
  if (verdict === 'Success') return { kind: 'exited', code: 0, ...output };
  const exitCode = records(at(status, 'details', 'causes')).find(([, cause]) => cause['reason'] === 'ExitCode')?.[1];
  if (reason === 'NonZeroExitCode' && exitCode) {
    return { kind: 'exited', code: Number(exitCode['message']), ...output };
  }
  return { kind: 'failed', because: text(message) ?? 'the command could not be started' };
}
