import { spawn } from 'node:child_process';
import { createConnection, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { SYSTEM_PATH } from '../network/commands.ts';
import { programPath } from '../programs.ts';
import type { Sandbox } from './sandbox.ts';

/** Opens a port of a pod as its own programs reach it; rejects when nobody listens there. */
export async function dialPod(sandbox: Sandbox, port: number): Promise<Duplex> {
  try {
    return await connected(createConnection({ host: sandbox.addresses[0], port }));
  } catch {
    return sandbox.kind === 'node'
      ? connected(createConnection({ host: '127.0.0.1', port }))
      : fromInside(sandbox.join, port);
  }
}

function connected(socket: Socket): Promise<Socket> {
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(socket)).once('error', reject);
  });
}

/** A program in the pod's namespaces carries the bytes: the pod's loopback is nobody else's. */
function fromInside(join: readonly string[], port: number): Promise<Duplex> {
  const command = [...join, process.execPath, programPath('lab/node/loopback-relay'), String(port)];
  const child = spawn('nsenter', command, { stdio: 'pipe', env: { PATH: SYSTEM_PATH }, cwd: '/' });
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
  stream.on('error', () => undefined).on('close', () => child.kill('SIGKILL'));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.stderr.once('data', (said: Buffer) => {
      const answer = said.toString().trim();
      if (answer === 'connected') resolve(stream);
      else reject(new Error(answer));
    });
    child.on('exit', () => reject(new Error(`nothing listens on port ${port}`)));
  });
}
