import type { RawData, WebSocket } from 'ws';
import { messageOf } from '../../../model/errors.ts';
import { isRecord } from '../../../model/json.ts';
import type { ExecProcess, PodRuntime, PodTarget } from '../../ports.ts';
import { isTrue } from '../http/request-info.ts';

/** Channels of v4.channel.k8s.io and v5; v5 adds CLOSE, which ends one stream. */
const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

/** Runs a command in a container with its streams over a websocket; ends when the command or the client does. */
export async function runExec(
  runtime: PodRuntime,
  target: PodTarget,
  command: readonly string[],
  query: URLSearchParams,
  websocket: WebSocket,
): Promise<void> {
  const tty = isTrue(query.get('tty'));
  const stdin = isTrue(query.get('stdin'));
  // What the client sends while the command is being started waits for it.
  const early: Buffer[] = [];
  let receive = (message: Buffer): void => void early.push(message);
  websocket.on('message', (data: RawData) => receive(bytesOf(data)));
  websocket.on('error', () => websocket.terminate());

  let running: ExecProcess;
  try {
    running = await runtime.exec(target, { command, stdin, tty });
  } catch (thrown) {
    await sendStatus(websocket, failure(messageOf(thrown)));
    return;
  }
  receive = (message) => handle(running, message);
  early.forEach(receive);
  websocket.on('close', () => running.kill());

  const outputs = [
    query.get('stdout') === null || isTrue(query.get('stdout'))
      ? pump(running.stdout, CHANNEL.stdout, websocket)
      : undefined,
    !tty && isTrue(query.get('stderr')) ? pump(running.stderr, CHANNEL.stderr, websocket) : undefined,
  ];
  try {
    const code = await running.exited;
    await Promise.allSettled(outputs);
    await sendStatus(websocket, code === 0 ? { metadata: {}, status: 'Success' } : nonZero(code));
  } catch (thrown) {
    await sendStatus(websocket, failure(messageOf(thrown)));
  }
}

function handle(running: ExecProcess, message: Buffer): void {
  const rest = message.subarray(1);
  switch (message[0]) {
    case CHANNEL.stdin:
      if (rest.length > 0) running.write(rest);
      return;
    case CHANNEL.close:
      if (rest[0] === CHANNEL.stdin) running.closeStdin();
      return;
    case CHANNEL.resize:
      resize(running, rest.toString());
      return;
  }
}

function resize(running: ExecProcess, written: string): void {
  try {
    const size: unknown = JSON.parse(written);
    if (isRecord(size)) running.resize(Number(size['Width'] ?? 80), Number(size['Height'] ?? 24));
  } catch {
    // A size nobody can read changes nothing.
  }
}

async function pump(from: AsyncIterable<Uint8Array>, channel: number, websocket: WebSocket): Promise<void> {
  for await (const chunk of from) await send(websocket, channel, chunk);
}

function send(websocket: WebSocket, channel: number, chunk: Uint8Array): Promise<void> {
  const message = Buffer.concat([Buffer.from([channel]), chunk]);
  return new Promise((resolve) => websocket.send(message, () => resolve()));
}

async function sendStatus(websocket: WebSocket, status: unknown): Promise<void> {
  await send(websocket, CHANNEL.error, Buffer.from(JSON.stringify(status)));
  websocket.close(1000);
}

function nonZero(code: number): unknown {
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  };
}

function failure(why: string): unknown {
  return {
    metadata: {},
    status: 'Failure',
    message: `Internal error occurred: error executing command in container: ${why}`,
    reason: 'InternalError',
    details: { causes: [{ message: `error executing command in container: ${why}` }] },
    code: 500,
  };
}

export function bytesOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
