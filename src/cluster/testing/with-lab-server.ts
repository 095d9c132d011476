import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { ClientOptions } from '../client.ts';
import type { ClusterClient } from '../types.ts';
import { startLabServer, type LabServer } from './lab-server.ts';

/** An API server and a client of it, there while tests run. */
export interface WithLabServer {
  readonly server: LabServer;
  readonly client: ClusterClient;
}

/** Starts an API server for the tests around, or a fresh one for each of them, and ends it after them. */
export function withLabServer(
  options: {
    readonly fresh?: 'each test';
    readonly connect?: ClientOptions;
    readonly prepare?: (server: LabServer) => Promise<void>;
  } = {},
): WithLabServer {
  let running: WithLabServer | undefined;
  const now = (): WithLabServer => {
    if (!running) throw new Error('the API server is there only while tests run');
    return running;
  };
  const [before, after] = options.fresh ? [beforeEach, afterEach] : [beforeAll, afterAll];
  before(async () => {
    const server = await startLabServer();
    running = { server, client: server.connect(options.connect) };
    await options.prepare?.(server);
  });
  after(async () => {
    now().client.close();
    await now().server.close();
    running = undefined;
  });
  return {
    get server() {
      return now().server;
    },
    get client() {
      return now().client;
    },
  };
}

/** For tests that make thousands of small changes: the server is our own. */
export const HURRIED: ClientOptions = { rate: { perSecond: 100_000, burst: 100_000 } };
