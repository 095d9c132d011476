import { spawn } from 'node:child_process';
import { createApiServer, type ApiServer } from '../../lab/api/server.ts';
import type { PodRuntime } from '../../lab/ports.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { createClusterClient, type ClientOptions } from '../client.ts';
import type { ClusterClient } from '../types.ts';
import { startBreakableProxy, type BreakableProxy } from './breakable-proxy.ts';

/** The lab's API server over TLS, reached through a proxy that can break the connection. */
export interface LabServer {
  readonly api: ApiServer;
  readonly proxy: BreakableProxy;
  /** A client that knows the server's authority and has the administrator's token. */
  connect(options?: ClientOptions): ClusterClient;
  close(): Promise<void>;
}

/** Runs a pod's commands as processes of this machine, and prints its logs. There are no nodes. */
const processes: PodRuntime = {
  async exec(_, { command }) {
    const [program = '', ...args] = command;
    const child = spawn(program, args, { env: { PATH: '/usr/bin:/bin' } });
    const exited = new Promise<number>((done, fail) => {
      child.on('error', fail);
      child.on('close', (code) => done(code ?? 137));
    });
    return {
      stdout: child.stdout,
      stderr: child.stderr,
      write: (chunk) => void child.stdin.write(chunk),
      closeStdin: () => child.stdin.end(),
      resize: () => undefined,
      exited,
      kill: () => void child.kill('SIGKILL'),
    };
  },
  async *logs(_, { tailLines }) {
    yield Buffer.from(['one', 'two', 'three'].slice(-(tailLines ?? 3)).join('\n'));
  },
  dial: () => Promise.reject(new Error('there is no network here')),
  kubeletGet: () => Promise.reject(new Error('there are no nodes here')),
};

export async function startLabServer(historyLimit?: number): Promise<LabServer> {
  const api = createApiServer({ runtime: processes, ...(historyLimit === undefined ? {} : { historyLimit }) });
  const { port = 0 } = await api.listen({ kind: 'https', host: '127.0.0.1', port: 0 });
  const proxy = await startBreakableProxy({ port });
  const admin = api.client('kubernetes-admin', ['system:masters']);
  admin.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  admin.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'shop' } });
  return {
    api,
    proxy,
    connect: (options = {}) =>
      createClusterClient(
        {
          context: 'lab',
          server: `https://127.0.0.1:${proxy.port}`,
          namespace: 'shop',
          tls: { ca: api.ca, insecure: false },
          credential: { kind: 'token', token: api.adminToken },
        },
        { env: {}, ...options },
      ),
    async close() {
      await proxy.close();
      await api.close();
    },
  };
}

export function configMap(name: string, data: Readonly<Record<string, string>> = {}): KubernetesObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'shop' }, data };
}
