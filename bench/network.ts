/**
 * Cost of the network analysis. `npm run bench -- network` prints one JSON line for each size of a drawn cluster (the curve of cost
 * by classes), for each hard shape, and for the packet-by-packet evaluator of the tests on a small one. With directories as arguments
 * (namespaces.json, pods.json, policies.json in each, as `kubectl get -o json` writes them) it measures those instead.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { analyseNetwork } from '../src/analysis/network/index.ts';
import { passes, type Cluster, type Manifest } from '../src/analysis/network/testing/packet.ts';
import type { KubernetesObject } from '../src/model/object.ts';
import { createSnapshot } from '../src/model/snapshot.ts';
import { generatedCluster, type Shape } from './generate/clusters.ts';

const QUESTIONS = 5_000;
const CASES: readonly (readonly [shape: Shape, pods: number, policies: number])[] = [
  ['drawn', 1_000, 200],
  ['drawn', 10_000, 1_000],
  ['drawn', 50_000, 5_000],
  ['drawn', 100_000, 10_000],
  ['drawn', 150_000, 10_000],
  ['labels', 20_000, 2_000],
  ['networks', 10_000, 10_000],
  ['ports', 10_000, 10_000],
];

interface Timed<T> {
  readonly value: T;
  readonly ms: number;
  readonly cpuMs: number;
}

function timed<T>(work: () => T): Timed<T> {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  const value = work();
  const { user, system } = process.cpuUsage(cpu);
  return { value, ms: Math.round(performance.now() - start), cpuMs: Math.round((user + system) / 1000) };
}

function measure(name: string, objects: readonly KubernetesObject[], more: object = {}): void {
  const snapshot = createSnapshot({
    source: { kind: 'files', description: name },
    resources: objects.map((object) => ({ object })),
  });
  const { value: analysis, ms, cpuMs } = timed(() => analyseNetwork(snapshot));
  const { workloads } = analysis;
  const asked = timed(() => {
    for (let i = 0; i < QUESTIONS; i++) {
      const [from, to] = [workloads[(i * 7919) % workloads.length], workloads[(i * 104_729) % workloads.length]];
      if (from && to) analysis.reaches(from.ref, to.ref, 'TCP', 8080);
    }
  });
  console.log(
    JSON.stringify({
      case: name,
      policies: analysis.policies.length,
      ...analysis.size,
      ...more,
      analyseMs: ms,
      analyseCpuMs: cpuMs,
      questionCpuUs: Math.round((asked.cpuMs / QUESTIONS) * 10_000) / 10,
      rssMiB: Math.round(process.memoryUsage().rss / 2 ** 20),
    }),
  );
}

/** The evaluator of the tests on the same questions: what one packet costs without any of the structure. */
function measureSlow(pods: number, policies: number): void {
  const objects: readonly Manifest[] = generatedCluster('drawn', pods, policies);
  const cluster: Cluster = {
    namespaces: [],
    pods: objects.filter(({ kind }) => kind === 'Pod'),
    policies: objects.filter(({ kind }) => kind === 'NetworkPolicy'),
  };
  const packets = 500;
  const { cpuMs } = timed(() => {
    for (let i = 0; i < packets; i++) {
      const [from, to] = [cluster.pods[(i * 7919) % pods], cluster.pods[(i * 104_729) % pods]];
      if (from && to) passes(cluster, { from, to, family: 4, protocol: 'TCP', port: 8080 });
    }
  });
  console.log(
    JSON.stringify({
      case: `evaluator of the tests ${pods}/${policies}`,
      packetCpuUs: Math.round((cpuMs / packets) * 1000),
    }),
  );
}

const directories = process.argv.slice(2);
for (const directory of directories) {
  const parsed = timed(() =>
    ['namespaces', 'pods', 'policies'].flatMap(
      (name) =>
        (
          JSON.parse(readFileSync(join(directory, `${name}.json`), 'utf8')) as {
            readonly items: readonly KubernetesObject[];
          }
        ).items,
    ),
  );
  measure(directory, parsed.value, { parseMs: parsed.ms, parseCpuMs: parsed.cpuMs });
}
if (directories.length === 0) {
  for (const [shape, pods, policies] of CASES)
    measure(`${shape} ${pods}/${policies}`, generatedCluster(shape, pods, policies));
  measureSlow(1_000, 200);
  measureSlow(10_000, 1_000);
}
