import { cpus, loadavg } from 'node:os';
import { compare, inhabit } from '../src/lab/testing/agreement.ts';
import { deployExample } from '../src/lab/testing/manifests.ts';
import { startTestLab } from '../src/lab/testing/test-lab.ts';

/**
 * The embedded cluster: seconds until it is ready, until the demo shop is, until it is gone, and probes a second from
 * inside the shop's pods, all at once. `npm run bench -- lab [NODES]`; needs root, as the lab does. The load of the
 * machine when it began stands beside the figures: they mean nothing without.
 */
const nodes = Number(process.argv[2] ?? 3);
const PORTS = [80, 443, 5432, 8080, 8443, 9090, 9100, 9999];

const machine = { cores: cpus().length, load: Number(loadavg()[0]?.toFixed(1)) };

async function timed<T>(name: string, work: () => Promise<T>, more: (result: T) => object = () => ({})): Promise<T> {
  const before = performance.now();
  const result = await work();
  const seconds = Number(((performance.now() - before) / 1_000).toFixed(2));
  process.stdout.write(`${JSON.stringify({ case: `lab ${name}`, nodes, seconds, ...more(result), ...machine })}\n`);
  return result;
}

const lab = await timed('up', () => startTestLab({ nodes }));
try {
  const running = await timed(
    'demo shop ready',
    async () => {
      await deployExample(lab, 'shop/manifests');
      return lab.allPodsReady(['shop', 'payments', 'admin', 'ci']);
    },
    (pods) => ({ pods: pods.length }),
  );
  const pods = await inhabit(lab, running);
  const begun = performance.now();
  await timed(
    'probes between the pods of the shop',
    () => compare(lab, pods, () => PORTS.map((port) => ({ protocol: 'TCP', port }))),
    ({ probes, disagreements }) => ({
      probes,
      probesPerSecond: Math.round((probes / (performance.now() - begun)) * 1_000),
      disagreements: disagreements.length,
    }),
  );
} finally {
  await timed('down', () => lab.stop());
}
