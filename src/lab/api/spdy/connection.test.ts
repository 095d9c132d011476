import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { constants, createDeflate, type Deflate } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { serveSpdy, type StreamHeaders } from './connection.ts';
import { DICTIONARY } from './dictionary.ts';

/** A client that writes frames by hand, over a real socket, and collects what comes back. */

let server: Server;
let client: Socket;
let opened: StreamHeaders[];
let received: Buffer;
let deflate: Deflate;

beforeEach(async () => {
  opened = [];
  received = Buffer.alloc(0);
  deflate = createDeflate({ dictionary: DICTIONARY });
  server = createServer((socket) => {
    void serveSpdy(socket, (stream, headers) => {
      opened.push(headers);
      stream.on('error', () => undefined);
      stream.pipe(stream);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.on('data', (chunk) => (received = Buffer.concat([received, chunk])));
});
afterEach(() => {
  client.destroy();
  server.close();
});

const uint32 = (value: number): Buffer => Buffer.from([value >>> 24, value >>> 16, value >>> 8, value]);
const controlFrame = (type: number, payload: Buffer): Buffer =>
  Buffer.concat([Buffer.from([0x80, 3, 0, type, 0, ...uint32(payload.length).subarray(1)]), payload]);
const dataFrame = (stream: number, flags: number, payload: string): Buffer =>
  Buffer.concat([uint32(stream), Buffer.from([flags, ...uint32(payload.length).subarray(1)]), Buffer.from(payload)]);

async function synStream(stream: number, headers: Readonly<Record<string, string>>): Promise<Buffer> {
  const word = (text: string): Buffer => Buffer.concat([uint32(text.length), Buffer.from(text)]);
  const entries = Object.entries(headers);
  const block = Buffer.concat([
    uint32(entries.length),
    ...entries.flatMap(([name, value]) => [word(name), word(value)]),
  ]);
  const chunks: Buffer[] = [];
  const collect = (chunk: Buffer): void => void chunks.push(chunk);
  deflate.on('data', collect).write(block);
  await new Promise<void>((done) => deflate.flush(constants.Z_SYNC_FLUSH, () => done()));
  deflate.off('data', collect);
  return controlFrame(1, Buffer.concat([uint32(stream), uint32(0), Buffer.from([0, 0]), ...chunks]));
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await once(client, 'data');
}

test('streams are told apart, answered and half-closed; header blocks share one compressor', async () => {
  client.write(await synStream(1, { streamtype: 'error', port: '80' }));
  client.write(await synStream(3, { streamtype: 'data', port: '80' }));
  client.write(dataFrame(3, 0, 'through '));
  client.write(dataFrame(3, 1, 'and back'));
  await until(() => received.includes(dataFrame(3, 0, 'through ')) && received.includes(dataFrame(3, 1, '')));
  expect(opened.map((headers) => Object.fromEntries(headers))).toEqual([
    { streamtype: 'error', port: '80' },
    { streamtype: 'data', port: '80' },
  ]);
  expect(received.includes(dataFrame(3, 0, 'and back'))).toBe(true);
  // The replies to both openings: control frame, version 3, type 2.
  expect(received.subarray(0, 4)).toEqual(Buffer.from([0x80, 3, 0, 2]));
  expect(received.includes(dataFrame(1, 1, ''))).toBe(false);
});

test('frames that come in single bytes are frames, and a ping is answered', async () => {
  const ping = controlFrame(6, uint32(7));
  for (const byte of ping) client.write(Buffer.from([byte]));
  await until(() => received.length >= ping.length);
  expect(received).toEqual(ping);
});

test('a header block that is none closes the connection', async () => {
  client.write(
    controlFrame(1, Buffer.concat([uint32(1), uint32(0), Buffer.from([0, 0]), Buffer.from('not compressed')])),
  );
  await once(client, 'close');
  expect(opened).toEqual([]);
});
