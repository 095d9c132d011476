/**
 * The lab: seconds until it is ready, and until the demo shop runs in it; then probes per second from inside its pods, beside
 * bare connections of this process. Needs root.
 *
 *     npm run bench -- lab [PROBES]
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect as dial, createServer, type AddressInfo } from 'node:net';
import { createPodProber } from '../src/experiments/probes/transport.ts';
import { deployExample } from '../src/lab/testing/manifests.ts';
import { startTestLab, type TestLab } from '../src/lab/testing/test-lab.ts';
import { at, text } from '../src/model/json.ts';
import { forEachConcurrently } from '../src/sources/concurrently.ts';
import { print } from './support/print.ts';

const COUNT = Number(process.argv[2] ?? 1_000);
const NODES = 3;
const NAMESPACES = ['shop', 'payments', 'admin', 'ci'];

const [lab, ready] = await timed(() => startTestLab({ nodes: NODES }));
try {
  print({ case: 'lab start', nodes: NODES, seconds: ready, namespacesAloneSeconds: (await timed(bareNamespaces))[1] });
  const [pods, deployed] = await timed(async () => {
    await deployExample(lab, 'shop/manifests');
    return lab.allPodsReady(NAMESPACES);
  });
  print({ case: 'lab shop', pods: pods.length, seconds: deployed });
  await probe(lab);
} finally {
  await lab.stop();
}
await loopback();

/** The isolation of as many nodes and nothing in it: what the kernel alone takes. */
function bareNamespaces(): Promise<void> {
  for (let node = 0; node < NODES; node++)
    spawnSync('unshare', ['--net', '--mount', '--pid', '--ipc', '--uts', '--fork', 'true']);
  return Promise.resolve();
}

async function probe({ client, allPodsReady }: TestLab): Promise<void> {
  const pods = await allPodsReady(['shop']);
  const from = pods.find(({ metadata }) => metadata.name.startsWith('gateway-'));
  const to = pods.find(({ metadata }) => metadata.name.startsWith('catalogue-') && !metadata.name.includes('store'));
  const host = text(at(to, 'status', 'podIP'));
  if (!from || host === undefined) throw new Error('the shop has no gateway or no catalogue');
  const prober = createPodProber(client, { now: () => new Date() });
  const address = { namespace: 'shop', pod: from.metadata.name };
  const request = { kind: 'connect', host, port: 8080, protocol: 'tcp' } as const;
  await prober.ask(address, [request]); // finds out what the container has
  for (const together of [COUNT, 1]) {
    const rounds = together === 1 ? Math.min(COUNT, 50) : 1;
    let connected = 0;
    const [, seconds] = await timed(async () => {
      for (let round = 0; round < rounds; round++) {
        const asked = await prober.ask(
          address,
          Array.from({ length: together }, () => request),
        );
        connected += asked.filter(({ answer }) => 'outcome' in answer && answer.outcome === 'connected').length;
      }
    });
    const probes = together * rounds;
    print({ case: `probes, ${together} together`, probes, connected, seconds, perSecond: probes / seconds });
  }
}

/** Connections from this process to itself: as fast as it gets here. */
async function loopback(): Promise<void> {
  const server = createServer((socket) => socket.end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const [, seconds] = await timed(() =>
    forEachConcurrently(Array.from({ length: COUNT }), 64, async () => {
      const socket = dial(port, '127.0.0.1');
      await once(socket, 'connect');
      socket.destroy();
    }),
  );
  server.close();
  print({ case: 'connections of one process', probes: COUNT, seconds, perSecond: COUNT / seconds });
}

async function timed<T>(work: () => Promise<T>): Promise<readonly [T, number]> {
  const begun = performance.now();
  const result = await work();
  return [result, (performance.now() - begun) / 1000];
}
