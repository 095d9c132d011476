import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP proxy that breaks what passes through it, as networks do. */
export interface BreakableProxy {
  readonly port: number;
  /** Connections open through it now. */
  connections(): number;
  /** Resets every connection. */
  cut(): void;
  /** Connections that are open fall silent for ever, in both directions; nobody is told. New ones work. */
  silence(): void;
  /** Refuses to pass anything on: new connections are reset at once. */
  away: boolean;
  close(): Promise<void>;
}

export async function startBreakableProxy(target: { readonly port: number }): Promise<BreakableProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer((near) => {
    if (proxy.away) return void near.resetAndDestroy();
    const far = connect(target.port, '127.0.0.1');
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const [from, to] of [pair, [far, near] as const]) {
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        to.destroy();
        pairs.delete(pair);
      });
    }
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const proxy: BreakableProxy = {
    port: (server.address() as AddressInfo).port,
    connections: () => pairs.size,
    cut() {
      for (const [near] of pairs) near.resetAndDestroy();
    },
    silence() {
      for (const [near, far] of pairs) {
        near.unpipe(far).pause();
        far.unpipe(near).pause();
      }
    },
    away: false,
    close: () =>
      new Promise((closed) => {
        for (const pair of pairs) for (const socket of pair) socket.destroy();
        server.close(() => closed());
      }),
  };
  return proxy;
}
