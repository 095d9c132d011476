import { WebSocket, type RawData } from 'ws';
import type { ConnectAnswer, ConnectRequest, DnsAnswer, HttpAnswer, ProbeRequest } from '../../agent/requests.ts';
import type { PodAddress } from '../../cluster/types.ts';
import { bytesOf } from '../api/subresources/exec.ts';
import type { LabAccess } from './lab-access.ts';

/** `seaworthy-probe batch` kept running in a pod: thousands of questions for one exec. */
export interface PodSession {
  connect(request: Omit<ConnectRequest, 'kind'>): Promise<ConnectAnswer>;
  http(url: string): Promise<HttpAnswer>;
  dns(name: string): Promise<DnsAnswer>;
  /** All of a body, however long, of an answer 200; empty when there was none. */
  get(url: string): Promise<string>;
  close(): void;
}

const STDIN = 0;
const STDOUT = 1;
const CONCURRENCY = 2_000;

/** Opens an exec in the pod and waits until the probe in it answers. */
export async function openPodSession(access: LabAccess, pod: PodAddress): Promise<PodSession> {
  const command = ['seaworthy-probe', 'batch', '--concurrency', String(CONCURRENCY)];
  const query = new URLSearchParams({
    stdin: 'true',
    stdout: 'true',
    ...(pod.container && { container: pod.container }),
  });
  for (const word of command) query.append('command', word);
  const url = `wss://${access.host}:${access.port}/api/v1/namespaces/${pod.namespace}/pods/${pod.pod}/exec?${query.toString()}`;
  const socket = new WebSocket(url, 'v5.channel.k8s.io', {
    ca: access.ca,
    headers: { authorization: `Bearer ${access.token}` },
  });
  const waiting = new Map<number, { resolve(answer: unknown): void; reject(why: Error): void }>();
  let next = 0;
  let rest = '';
  const opened = new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('error', reject);
  });
  socket.on('message', (data: RawData) => {
    const frame = bytesOf(data);
    if (frame[0] !== STDOUT) return;
    const lines = (rest + frame.subarray(1).toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const answer = JSON.parse(line) as { readonly id: number };
      waiting.get(answer.id)?.resolve(answer);
      waiting.delete(answer.id);
    }
  });
  socket.on('close', () => {
    for (const { reject } of waiting.values()) reject(new Error(`the probe in ${pod.namespace}/${pod.pod} has ended`));
  });
  await opened;

  const ask = <T>(request: ProbeRequest): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      const id = next++;
      waiting.set(id, { resolve, reject });
      socket.send(Buffer.concat([Buffer.from([STDIN]), Buffer.from(`${JSON.stringify({ id, ...request })}\n`)]));
    });
  await ask({ kind: 'whoami' });
  return {
    connect: (request) => ask({ kind: 'connect', ...request }),
    http: (target) => ask({ kind: 'http', url: target }),
    dns: (name) => ask({ kind: 'dns', name }),
    get: async (target) => (await ask<HttpAnswer>({ kind: 'http', url: target, bodyLimit: 1 << 20 })).body ?? '',
    close: () => socket.close(),
  };
}
