import { Duplex } from 'node:stream';
import { constants, createDeflate, createInflate } from 'node:zlib';
import { DICTIONARY } from './dictionary.ts';

/**
 * The server's end of a SPDY/3.1 connection, as far as kubectl's port-forward uses it: streams that the client opens,
 * data both ways, half-closing, resets and pings. There is no flow control, as in Kubernetes' own implementation.
 */

const VERSION = 3;
const FRAME = { synStream: 1, synReply: 2, rstStream: 3, ping: 6, goAway: 7 } as const;
const FIN = 1;
const CANCEL = 5;
const HEADER_BYTES = 8;
/** Longest data frame that is sent. */
const MOST_BYTES = 64 * 1024;

export type StreamHeaders = ReadonlyMap<string, string>;

/**
 * Speaks SPDY over a transport until it closes; `opened` gets each stream when the client opens it. Never rejects: a
 * client that breaks the protocol or hangs up ends its connection and all its streams.
 */
export async function serveSpdy(
  transport: Duplex,
  opened: (stream: Duplex, headers: StreamHeaders) => void,
): Promise<void> {
  const streams = new Map<number, Duplex>();
  const decompress = decompressor();
  const compress = compressor();
  transport.on('error', () => transport.destroy());

  async function control(type: number, payload: Buffer): Promise<void> {
    const id = payload.length < 4 ? 0 : payload.readUInt32BE(0) & 0x7fff_ffff;
    switch (type) {
      case FRAME.synStream: {
        const headers = parseHeaders(await decompress(payload.subarray(10)));
        const stream = createStream(transport, id, () => streams.delete(id));
        streams.set(id, stream);
        send(transport, FRAME.synReply, Buffer.concat([uint32(id), await compress(uint32(0))]));
        opened(stream, headers);
        return;
      }
      case FRAME.rstStream:
        streams.get(id)?.destroy();
        return;
      case FRAME.ping:
        send(transport, FRAME.ping, payload);
        return;
      case FRAME.goAway:
        transport.end();
    }
  }

  try {
    for await (const frame of readFrames(transport)) {
      if (frame.kind === 'control') {
        await control(frame.type, frame.payload);
        // A stream may be opened and half-closed in one frame.
        if (frame.type === FRAME.synStream && (frame.flags & FIN) !== 0)
          streams.get(frame.payload.readUInt32BE(0) & 0x7fff_ffff)?.push(null);
      } else {
        const stream = streams.get(frame.stream);
        if (frame.payload.length > 0) stream?.push(frame.payload);
        if ((frame.flags & FIN) !== 0) stream?.push(null);
      }
    }
  } catch {
    // Not SPDY, or the client is gone: the same end.
  } finally {
    for (const stream of streams.values()) stream.destroy();
    transport.destroy();
  }
}

type SpdyFrame =
  | { readonly kind: 'control'; readonly type: number; readonly flags: number; readonly payload: Buffer }
  | { readonly kind: 'data'; readonly stream: number; readonly flags: number; readonly payload: Buffer };

async function* readFrames(transport: Duplex): AsyncGenerator<SpdyFrame> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of transport as AsyncIterable<Buffer>) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= HEADER_BYTES) {
      const flags = rest.readUInt8(4);
      const end = HEADER_BYTES + rest.readUIntBE(5, 3);
      if (rest.length < end) break;
      const payload = Buffer.from(rest.subarray(HEADER_BYTES, end));
      const first = rest.readUInt32BE(0);
      yield first >>> 31 === 1
        ? { kind: 'control', type: first & 0xffff, flags, payload }
        : { kind: 'data', stream: first, flags, payload };
      rest = rest.subarray(end);
    }
  }
}

/** One stream as Node's own: writing sends data frames, ending half-closes, destroying before that resets. */
function createStream(transport: Duplex, id: number, closed: () => void): Duplex {
  let finished = false;
  return new Duplex({
    allowHalfOpen: true,
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      for (let at = 0; at < chunk.length; at += MOST_BYTES)
        sendData(transport, id, 0, chunk.subarray(at, at + MOST_BYTES));
      if (transport.writableNeedDrain) transport.once('drain', () => done());
      else done();
    },
    final: (done) => {
      finished = true;
      sendData(transport, id, FIN, Buffer.alloc(0));
      done();
    },
    destroy: (error, done) => {
      closed();
      if (!finished) send(transport, FRAME.rstStream, Buffer.concat([uint32(id), uint32(CANCEL)]));
      done(error);
    },
  });
}

function send(transport: Duplex, type: number, payload: Buffer): void {
  if (!transport.writable) return;
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(0x8000 | VERSION, 0);
  header.writeUInt16BE(type, 2);
  header.writeUIntBE(payload.length, 5, 3);
  transport.write(Buffer.concat([header, payload]));
}

function sendData(transport: Duplex, stream: number, flags: number, payload: Buffer): void {
  if (!transport.writable) return;
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(stream, 0);
  header.writeUInt8(flags, 4);
  header.writeUIntBE(payload.length, 5, 3);
  transport.write(Buffer.concat([header, payload]));
}

/** Names and values, each behind its length. */
function parseHeaders(block: Buffer): StreamHeaders {
  let at = 4;
  const take = (): string => {
    const length = block.readUInt32BE(at);
    at += 4 + length;
    return block.toString('utf8', at - length, at);
  };
  const headers = new Map<string, string>();
  for (let count = block.readUInt32BE(0); count > 0; count--) headers.set(take().toLowerCase(), take());
  return headers;
}

/** All header blocks of a connection are one compressed stream, flushed after each. */
function decompressor(): (block: Buffer) => Promise<Buffer> {
  const inflate = createInflate({ dictionary: DICTIONARY });
  let chunks: Buffer[] = [];
  inflate.on('data', (chunk: Buffer) => chunks.push(chunk));
  return (block) =>
    new Promise((resolve, reject) => {
      inflate.once('error', reject);
      inflate.write(block, () => {
        inflate.off('error', reject);
        const whole = Buffer.concat(chunks);
        chunks = [];
        resolve(whole);
      });
    });
}

function compressor(): (block: Buffer) => Promise<Buffer> {
  const deflate = createDeflate({ dictionary: DICTIONARY });
  let chunks: Buffer[] = [];
  deflate.on('data', (chunk: Buffer) => chunks.push(chunk));
  return (block) =>
    new Promise((resolve) => {
      deflate.write(block);
      deflate.flush(constants.Z_SYNC_FLUSH, () => {
        const whole = Buffer.concat(chunks);
        chunks = [];
        resolve(whole);
      });
    });
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
}
