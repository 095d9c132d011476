import { spawn } from 'node:child_process';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer } from 'node:net';
import { OUTSIDE } from '../network/addresses.ts';
import { programPath } from '../programs.ts';

/** Plays the internet: addresses outside the cluster that answer HTTP, so that egress can be seen to work or not. */
export function startOutsideWorld(addresses: readonly string[]): void {
  const answer: RequestListener = (request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', connection: 'close' });
    response.end(`${JSON.stringify({ outside: true, youAre: request.socket.remoteAddress, path: request.url })}\n`);
  };
  for (const address of addresses) createHttpServer(answer).listen(80, address);
}

/**
 * Lets the host ask from outside: each connection to the socket is a probe program there, which reads its questions
 * from it and ends with it. A question names the address it comes from as its `source`.
 */
export function serveStrangers(socket: string): void {
  createServer((asker) => {
    const probe = spawn(
      'nsenter',
      [`--net=/run/netns/${OUTSIDE}`, process.execPath, programPath('agent/probe'), 'batch'],
      { stdio: ['pipe', 'pipe', 'inherit'], env: { PATH: process.env['PATH'] }, cwd: '/' },
    );
    probe.on('error', () => asker.destroy());
    probe.stdin.on('error', () => undefined);
    asker.on('error', () => asker.destroy()).on('close', () => probe.kill('SIGKILL'));
    asker.pipe(probe.stdin);
    probe.stdout.pipe(asker);
  }).listen(socket);
}
