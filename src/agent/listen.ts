import { createSocket } from 'node:dgram';
import { createServer, type AddressInfo } from 'node:net';

export interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

/** Answers TCP and UDP on one port with whatever it is sent: the other end of `connect`. Port 0 takes a free one. */
export async function listen(port: number, host = '0.0.0.0'): Promise<Listener> {
  const tcp = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.pipe(socket);
  });
  await new Promise<void>((resolve, reject) => tcp.once('error', reject).listen(port, host, resolve));
  const bound = (tcp.address() as AddressInfo).port;
  const udp = createSocket(host.includes(':') ? 'udp6' : 'udp4');
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
