import { WebSocket, type RawData } from 'ws';
import { at, record, records, text } from '../model/json.ts';
import type { Http } from './http.ts';
import type { ExecOptions, ExecResult, PodAddress } from './types.ts';

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
  const { url, options: connect } = await http.webSocketTarget(execPath(pod, command, options.stdin !== undefined));
  const socket = new WebSocket(url, [V5, 'v4.channel.k8s.io'], { ...connect, handshakeTimeout: 15_000 });
  return new Promise((settle) => {
    const output = { [STDOUT]: collector(), [STDERR]: collector() };
    let status: unknown;
    let timedOut = false;
    let trouble: string | undefined;
    const text = (): { stdout: string; stderr: string } => ({
      stdout: output[STDOUT].text(),
      stderr: output[STDERR].text(),
    });
    const stop = (): void => socket.terminate();
    const timer = setTimeout(() => {
      timedOut = true;
      stop();
    }, options.timeoutMs ?? TIMEOUT_MS);
    options.signal?.addEventListener('abort', stop, { once: true });

    socket.on('open', () => {
      if (options.stdin === undefined) return;
      send(socket, STDIN, Buffer.from(options.stdin));
      if (socket.protocol === V5) socket.send(Buffer.from([CLOSE, STDIN]));
    });
    socket.on('message', (data: RawData) => {
      const frame = asBuffer(data);
      const content = frame.subarray(1);
      if (frame[0] === STDOUT || frame[0] === STDERR) output[frame[0]].add(content);
      else if (frame[0] === STATUS) status = parseStatus(content.toString('utf8'));
    });
    socket.on('unexpected-response', (_, response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString('utf8');
        trouble = refusal(body) ?? `the API server answered ${response.statusCode}`;
        stop();
      });
    });
    socket.on('error', (error) => {
      trouble ??= error.message;
    });
    socket.on('close', () => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', stop);
      if (timedOut) settle({ kind: 'timeout', ...text() });
      else if (options.signal?.aborted === true) settle({ kind: 'failed', because: 'interrupted' });
      else if (status === undefined) settle({ kind: 'failed', because: trouble ?? 'the connection was lost' });
      else settle(resultOf(status, text()));
    });
  });
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
