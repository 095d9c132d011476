import { createServer } from 'node:http';
import { OUTSIDE_ADDRESS } from '../network/addresses.ts';

/** Plays the internet: an address outside the cluster that answers HTTP, so that egress can be seen to work or not. */
export function startOutsideWorld(): void {
  createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', connection: 'close' });
    response.end(`${JSON.stringify({ outside: true, youAre: request.socket.remoteAddress, path: request.url })}\n`);
  }).listen(80, OUTSIDE_ADDRESS);
}
