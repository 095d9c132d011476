import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { text, number, record } from '../../model/json.ts';
import type { ExecProcess, PodRuntime } from '../ports.ts';
import { FRAME, firstFrame, readFrames, writeFrame, type RuntimeRequest } from './frames.ts';

/** The API server's way to the nodes: one connection to the node agent's socket for each thing it wants. */
export function createPodRuntime(socketOf: (node: string) => string | undefined): PodRuntime {
  async function open(node: string, request: RuntimeRequest): Promise<Socket> {
    const path = socketOf(node);
    if (path === undefined) throw new Error(`node ${node} is not of this lab`);
    const socket = createConnection(path);
    try {
      await once(socket, 'connect');
    } catch (thrown) {
      throw new Error(`node ${node} does not answer`, { cause: thrown });
    }
    writeFrame(socket, FRAME.open, JSON.stringify(request));
    return socket;
  }

  return {
    async exec(target, options) {
      const { uid, container } = target;
      return execProcess(await open(target.node, { kind: 'exec', uid, container, ...options }));
    },
    async *logs(target, options) {
      const { uid, container } = target;
      const { signal, ...wanted } = options;
      const socket = await open(target.node, { kind: 'logs', uid, container, ...wanted });
      const stop = (): void => void socket.destroy();
      signal.addEventListener('abort', stop, { once: true });
      try {
        for await (const frame of readFrames(socket)) {
          if (frame.kind === FRAME.stdout) yield frame.payload;
          else if (frame.kind === FRAME.failed) throw new Error(frame.payload.toString());
          else if (frame.kind === FRAME.exit) return;
        }
      } catch (thrown) {
        if (!signal.aborted) throw thrown;
      } finally {
        signal.removeEventListener('abort', stop);
        socket.destroy();
      }
    },
    async dial(target, port) {
      const socket = await open(target.node, { kind: 'dial', uid: target.uid, port });
      const answer = await firstFrame(socket);
      if (answer.kind === FRAME.exit) return socket;
      socket.destroy();
      throw new Error(answer.payload.toString());
    },
    async kubeletGet(node, path) {
      const socket = await open(node, { kind: 'get', path });
      const answer = await firstFrame(socket);
      socket.destroy();
      const fields = record(JSON.parse(answer.payload.toString()));
      return {
        status: number(fields['status']) ?? 500,
        contentType: text(fields['contentType']) ?? 'text/plain',
        body: text(fields['body']) ?? '',
      };
    },
  };
}

function execProcess(socket: Socket): ExecProcess {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const exited = (async (): Promise<number> => {
    try {
      for await (const frame of readFrames(socket)) {
        if (frame.kind === FRAME.stdout) stdout.write(frame.payload);
        else if (frame.kind === FRAME.stderr) stderr.write(frame.payload);
        else if (frame.kind === FRAME.exit) return Number(frame.payload.toString());
        else if (frame.kind === FRAME.failed) throw new Error(frame.payload.toString());
      }
      throw new Error('the node has hung up');
    } finally {
      stdout.end();
      stderr.end();
      socket.destroy();
    }
  })();
  // Whoever reads only the output must not be ended by a rejection nobody has asked about yet.
  exited.catch(() => undefined);
  return {
    stdout,
    stderr,
    write: (chunk) => void writeFrame(socket, FRAME.stdin, chunk),
    closeStdin: () => void writeFrame(socket, FRAME.closeStdin),
    resize: (columns, rows) => void writeFrame(socket, FRAME.resize, JSON.stringify({ columns, rows })),
    exited,
    kill: () => void socket.destroy(),
  };
}
