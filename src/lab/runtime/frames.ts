import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import type { LogView } from '../ports.ts';

/** Messages on the socket between the API server's side and a node agent: one byte of kind, four of length, payload. */
export const FRAME = {
  open: 0,
  stdin: 1,
  closeStdin: 2,
  stdout: 3,
  stderr: 4,
  resize: 5,
  exit: 6,
  failed: 7,
  kill: 8,
} as const;

export type FrameKind = (typeof FRAME)[keyof typeof FRAME];

export interface Frame {
  readonly kind: number;
  readonly payload: Buffer;
}

const HEADER_BYTES = 5;

export function writeFrame(socket: Duplex, kind: FrameKind, payload: Uint8Array | string = ''): boolean {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : Buffer.from(payload);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(kind, 0);
  header.writeUInt32BE(bytes.length, 1);
  return socket.write(Buffer.concat([header, bytes]));
}

/** The messages of a connection, in order, until it ends. */
export async function* readFrames(socket: Duplex): AsyncGenerator<Frame> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (;;) {
      if (rest.length < HEADER_BYTES) break;
      const end = HEADER_BYTES + rest.readUInt32BE(1);
      if (rest.length < end) break;
      yield { kind: rest.readUInt8(0), payload: rest.subarray(HEADER_BYTES, end) };
      rest = rest.subarray(end);
    }
  }
}

/** Reads exactly one message and leaves what follows it in the socket. */
export async function firstFrame(socket: Duplex): Promise<Frame> {
  let rest: Buffer = Buffer.alloc(0);
  for (;;) {
    const chunk: unknown = socket.read();
    if (chunk === null) {
      if (socket.readableEnded || socket.destroyed) throw new Error('the node has hung up');
      await Promise.race([once(socket, 'readable'), once(socket, 'close')]);
      continue;
    }
    rest = Buffer.concat([rest, chunk as Buffer]);
    if (rest.length < HEADER_BYTES) continue;
    const end = HEADER_BYTES + rest.readUInt32BE(1);
    if (rest.length < end) continue;
    if (rest.length > end) socket.unshift(rest.subarray(end));
    return { kind: rest.readUInt8(0), payload: rest.subarray(HEADER_BYTES, end) };
  }
}

/** First message of a connection to a node agent: what is wanted. */
export type RuntimeRequest =
  | {
      readonly kind: 'exec';
      readonly uid: string;
      readonly container: string;
      readonly command: readonly string[];
      readonly stdin: boolean;
      readonly tty: boolean;
    }
  | ({
      readonly kind: 'logs';
      readonly uid: string;
      readonly container: string;
      readonly follow: boolean;
      readonly previous: boolean;
    } & LogView)
  /** After the answer `exit`, the connection carries plain bytes. */
  | { readonly kind: 'dial'; readonly uid: string; readonly port: number }
  | { readonly kind: 'get'; readonly path: string };
