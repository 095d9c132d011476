import { createSocket } from 'node:dgram';
import { createServer, type AddressInfo } from 'node:net';

export interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Answers TCP and UDP on one port with whatever it is sent: the other end of `connect`. Port 0 takes a free one. Without
 * a host it answers at all addresses of both families, or of IPv4 alone on a machine without IPv6.
 */
export async function listen(port: number, host?: string): Promise<Listener> {
  const tcp = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.pipe(socket);
  });
  await new Promise<void>((resolve, reject) => tcp.once('error', reject).listen({ port, host }, resolve));
  const { port: bound, family } = tcp.address() as AddressInfo;
  const udp = createSocket(family === 'IPv6' ? 'udp6' : 'udp4');
  udp.on('message', (message, from) => udp.send(message, from.port, from.address));
  await new Promise<void>((resolve, reject) => udp.once('error', reject).bind(bound, host, resolve));
  // ICMP errors of earlier answers surface here; they concern nobody.
  udp.on('error', () => undefined);
  return {
    port: bound,
    close: async () => {
      await Promise.all([
        new Promise<void>((resolve) => tcp.close(() => resolve())),
        new Promise<void>((resolve) => udp.close(() => resolve())),
      ]);
    },
  };
}
