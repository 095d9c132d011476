/** Carries bytes between stdin and stdout and a port of this network namespace's loopback. First says on stderr how it went. */
import { createConnection } from 'node:net';

const socket = createConnection({ host: '127.0.0.1', port: Number(process.argv[2]) });
socket.once('connect', () => {
  process.stderr.write('connected\n');
  process.stdin.pipe(socket).pipe(process.stdout);
});
socket.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
  process.stdin.destroy();
});
