/** The cluster's DNS responder: names of Services, their endpoints and pods, from the API server's objects. PORT is 53. */
import { createSocket } from 'node:dgram';
import { createServer as createHttp } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { startInformer } from '../../client/informer.ts';
import { parseQuery, writeReply } from '../../dns/message.ts';
import { buildZone } from '../../dns/zone.ts';
import { inClusterClient } from './in-cluster.ts';

const port = Number(process.env['PORT'] ?? '53');
const domain = process.env['CLUSTER_DOMAIN'] ?? 'cluster.local';
const client = inClusterClient();
const signal = new AbortController().signal;
let stale = true;
const changed = (): void => {
  stale = true;
};
const services = startInformer(client, { path: '/api/v1/services', signal, changed });
const slices = startInformer(client, { path: '/apis/discovery.k8s.io/v1/endpointslices', signal, changed });
let zone = buildZone({ domain, services: [], slices: [] });

function answer(message: Buffer, transport: 'udp' | 'tcp'): Buffer | undefined {
  const query = parseQuery(message);
  if (!query) return undefined;
  if (stale) {
    zone = buildZone({ domain, services: services.list(), slices: slices.list() });
    stale = false;
  }
  return writeReply(query, zone.answer(query), transport);
}

await Promise.all([services.synced, slices.synced]);

const tcp = createServer((socket) => {
  let received = Buffer.alloc(0);
  socket.setTimeout(10_000, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    // Each message is preceded by its length (RFC 1035 4.2.2).
    while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
      const end = 2 + received.readUInt16BE(0);
      const reply = answer(received.subarray(2, end), 'tcp');
      received = received.subarray(end);
      if (!reply) return socket.destroy();
      const length = Buffer.alloc(2);
      length.writeUInt16BE(reply.length);
      socket.write(Buffer.concat([length, reply]));
    }
  });
});
await new Promise<void>((resolve) => tcp.listen(port, resolve));

// At all addresses of both families, or of IPv4 alone where there is no other.
const udp = createSocket((tcp.address() as AddressInfo).family === 'IPv6' ? 'udp6' : 'udp4');
udp.on('message', (message, from) => {
  const reply = answer(message, 'udp');
  if (reply) udp.send(reply, from.port, from.address);
});
udp.on('error', (error) => process.stderr.write(`udp: ${error.message}\n`));
udp.bind(port);

createHttp((_, response) => response.end('ok\n')).listen(8080);
process.stdout.write(`cluster-dns answers for ${domain} on ${port}\n`);
for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => process.exit(0));
