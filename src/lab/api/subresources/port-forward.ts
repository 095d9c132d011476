import type { RawData, WebSocket } from 'ws';
import { messageOf } from '../../../model/errors.ts';
import type { PodRuntime, PodTarget } from '../../ports.ts';
import { bytesOf } from './exec.ts';

/**
 * Port-forward over v4.channel.k8s.io: for the port at index i, channel 2i carries bytes and channel 2i+1 errors;
 * each begins with the port as two bytes, little-endian.
 */
export async function runPortForward(
  runtime: PodRuntime,
  target: PodTarget,
  ports: readonly number[],
  websocket: WebSocket,
): Promise<void> {
  const waiting = ports.map((): Buffer[] => []);
  const streams: (NodeJS.ReadWriteStream | undefined)[] = ports.map(() => undefined);
  websocket.on('message', (data: RawData) => {
    const message = bytesOf(data);
    const index = (message[0] ?? 0) >> 1;
    const rest = message.subarray(1);
    const stream = streams[index];
    if (stream) stream.write(rest);
    else waiting[index]?.push(rest);
  });
  websocket.on('error', () => websocket.terminate());
  const closed = new Promise<void>((resolve) => websocket.on('close', () => resolve()));
  for (const [index, port] of ports.entries()) {
    const header = Buffer.from([port & 0xff, port >> 8]);
    for (const channel of [2 * index, 2 * index + 1]) {
      websocket.send(Buffer.concat([Buffer.from([channel]), header]));
    }
    const fail = (why: string): void =>
      websocket.send(
        Buffer.concat([Buffer.from([2 * index + 1]), Buffer.from(`error forwarding port ${port}: ${why}`)]),
      );
    try {
      const stream = await runtime.dial(target, port);
      stream.on('data', (chunk: Buffer) => websocket.send(Buffer.concat([Buffer.from([2 * index]), chunk])));
      stream.on('error', (error: Error) => fail(error.message));
      stream.on('end', () => websocket.close(1000));
      streams[index] = stream;
      for (const chunk of waiting[index] ?? []) stream.write(chunk);
    } catch (thrown) {
      fail(messageOf(thrown));
    }
  }
  await closed;
  for (const stream of streams) stream?.end();
}
