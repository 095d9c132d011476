import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { messageOf } from '../../../model/errors.ts';
import type { PodRuntime, PodTarget } from '../../ports.ts';
import { serveSpdy } from '../spdy/connection.ts';

/** The protocol within SPDY, and what it is called when SPDY itself comes through a websocket. */
export const PORT_FORWARD_PROTOCOL = 'portforward.k8s.io';
export const TUNNELLED_PROTOCOL = `SPDY/3.1+${PORT_FORWARD_PROTOCOL}`;

/**
 * Port-forward as kubectl speaks it: for each connection the client opens a stream of type `error`, which carries a
 * sentence when something fails, and then one of type `data` with the same request id, which carries the bytes.
 */
export async function servePortForward(runtime: PodRuntime, target: PodTarget, transport: Duplex): Promise<void> {
  const errors = new Map<string, Duplex>();
  await serveSpdy(transport, (stream, headers) => {
    stream.on('error', () => undefined);
    const id = headers.get('requestid') ?? headers.get('port') ?? '';
    if (headers.get('streamtype') === 'error') {
      stream.resume();
      errors.set(id, stream);
      return;
    }
    const error = errors.get(id);
    errors.delete(id);
    void carry(runtime, target, Number(headers.get('port')), stream).then((failure) => {
      if (failure !== undefined) error?.write(failure);
      error?.end();
      stream.end();
    });
  });
}

/** Carries one connection to its end; gives what went wrong. */
async function carry(
  runtime: PodRuntime,
  target: PodTarget,
  port: number,
  stream: Duplex,
): Promise<string | undefined> {
  try {
    const upstream = await runtime.dial(target, port);
    await Promise.allSettled([pipeline(stream, upstream), pipeline(upstream, stream)]);
    return undefined;
  } catch (thrown) {
    return `error forwarding port ${port} to pod ${target.namespace}/${target.pod}: ${messageOf(thrown)}`;
  }
}
