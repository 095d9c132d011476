import { spawn } from 'node:child_process';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../model/errors.ts';
import { SYSTEM_PATH } from '../network/commands.ts';
import { FRAME, firstFrame, readFrames, writeFrame, type RuntimeRequest } from '../runtime/frames.ts';
import { execCommand } from './container.ts';
import { textOfLog } from './container-log.ts';
import { dialPod } from './dial.ts';
import type { PodWorker } from './pod-worker.ts';

export interface RuntimeServerOptions {
  readonly socket: string;
  worker(uid: string): PodWorker | undefined;
  /** The kubelet's read endpoints. */
  get(path: string): { readonly status: number; readonly contentType: string; readonly body: string };
}

/** Serves exec, logs, port-forward and the kubelet's read endpoints on the node agent's unix socket. */
export function serveRuntime(options: RuntimeServerOptions): Server {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    serve(socket, options).catch((thrown: unknown) => {
      if (!socket.destroyed) writeFrame(socket, FRAME.failed, messageOf(thrown));
      socket.end();
    });
  });
  return server.listen(options.socket);
}

async function serve(socket: Socket, options: RuntimeServerOptions): Promise<void> {
  const request = JSON.parse((await firstFrame(socket)).payload.toString()) as RuntimeRequest;
  if (request.kind === 'get') {
    writeFrame(socket, FRAME.exit, JSON.stringify(options.get(request.path)));
    socket.end();
    return;
  }
  const worker = options.worker(request.uid);
  if (!worker) throw new Error('pod does not run on this node');
  switch (request.kind) {
    case 'exec':
      return exec(socket, worker, request);
    case 'logs':
      return logs(socket, worker, request);
    case 'dial':
      return dial(socket, worker, request.port);
  }
}

async function exec(
  socket: Socket,
  worker: PodWorker,
  request: Extract<RuntimeRequest, { kind: 'exec' }>,
): Promise<void> {
  const container = worker.container(request.container);
  const command = container && (await execCommand(container, request.command, request.tty));
  const [program, ...args] = command ?? [];
  if (program === undefined) throw new Error(`container not found or not running: ${request.container}`);
  const child = spawn(program, args, { stdio: 'pipe', env: { PATH: SYSTEM_PATH }, cwd: '/' });
  const closed = new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? (signal === 'SIGKILL' ? 137 : 143)));
  });
  child.stdin.on('error', () => undefined);
  if (!request.stdin) child.stdin.end();
  // Whoever hangs up takes the process along.
  socket.on('close', () => child.kill('SIGKILL'));
  const forward = (kind: typeof FRAME.stdout | typeof FRAME.stderr, stream: NodeJS.ReadableStream): void => {
    stream.on('data', (chunk: Buffer) => {
      if (!writeFrame(socket, kind, chunk)) {
        stream.pause();
        socket.once('drain', () => stream.resume());
      }
    });
  };
  forward(FRAME.stdout, child.stdout);
  forward(FRAME.stderr, child.stderr);
  void (async () => {
    for await (const frame of readFrames(socket)) {
      if (frame.kind === FRAME.stdin) child.stdin.write(frame.payload);
      else if (frame.kind === FRAME.closeStdin) child.stdin.end();
    }
  })().catch(() => undefined);
  writeFrame(socket, FRAME.exit, String(await closed));
  socket.end();
}

/** How many bytes of a log are read at most for its tail. */
const TAIL_BYTES = 4 * 2 ** 20;
const FOLLOW_MS = 150;

async function logs(
  socket: Socket,
  worker: PodWorker,
  request: Extract<RuntimeRequest, { kind: 'logs' }>,
): Promise<void> {
  let file = worker.logFile(request.container, request.previous);
  if (file === undefined && request.previous)
    throw new Error(`previous terminated container "${request.container}" not found`);
  if (file === undefined) throw new Error(`container "${request.container}" is waiting to start`);
  let { text, offset } = readFrom(file, 0);
  const send = (shown: string): void => {
    if (shown !== '') writeFrame(socket, FRAME.stdout, shown);
  };
  const { tailLines: _, ...ofLater } = request;
  send(textOfLog(text, request));
  while (request.follow && !socket.destroyed) {
    const next = worker.logFile(request.container, false);
    ({ text, offset } = readFrom(file, offset));
    send(textOfLog(text, ofLater));
    if (next === undefined || (worker.container(request.container) === undefined && text === '')) break;
    if (next !== file && text === '') [file, offset] = [next, 0];
    await delay(FOLLOW_MS);
  }
  writeFrame(socket, FRAME.exit, '0');
  socket.end();
}

/** Whole lines of a file from an offset on. */
function readFrom(file: string, from: number): { text: string; offset: number } {
  let size: number;
  try {
    ({ size } = statSync(file));
  } catch {
    return { text: '', offset: from };
  }
  const begin = from === 0 ? Math.max(0, size - TAIL_BYTES) : from;
  if (size <= begin) return { text: '', offset: from };
  const descriptor = openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(size - begin);
    const read = readSync(descriptor, buffer, 0, buffer.length, begin);
    const end = buffer.lastIndexOf(10, read - 1) + 1;
    return { text: buffer.toString('utf8', 0, end), offset: begin + end };
  } finally {
    closeSync(descriptor);
  }
}

/** A port of the pod: at its address, or else on its loopback. After the first frame the socket carries plain bytes. */
async function dial(socket: Socket, worker: PodWorker, port: number): Promise<void> {
  const sandbox = worker.sandbox();
  if (!sandbox) throw new Error('the pod has no address yet');
  const upstream = await dialPod(sandbox, port);
  writeFrame(socket, FRAME.exit, 'connected');
  socket.removeAllListeners('error');
  const end = (): void => {
    socket.destroy();
    upstream.destroy();
  };
  socket.on('error', end).on('close', end);
  upstream.on('error', end);
  upstream.pipe(socket);
  socket.pipe(upstream);
}
