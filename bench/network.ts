/**
 * Cost of the network analysis by size: `node bench/network.ts DIR…`, each DIR written by a generator with
 * namespaces.json, pods.json and policies.json. Prints one line a directory.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { analyseNetwork } from '../src/analysis/network/index.ts';
import type { KubernetesObject } from '../src/model/object.ts';
import { createSnapshot } from '../src/model/snapshot.ts';

const QUESTIONS = 5_000;

for (const directory of process.argv.slice(2)) {
  const parsing = performance.now();
  const objects = ['namespaces', 'pods', 'policies'].flatMap(
    (name) =>
      (
        JSON.parse(readFileSync(join(directory, `${name}.json`), 'utf8')) as {
          readonly items: readonly KubernetesObject[];
        }
      ).items,
  );
  const snapshot = createSnapshot({
    source: { kind: 'files', description: directory },
    resources: objects.map((object) => ({ object })),
  });
  const analysing = performance.now();
  const analysis = analyseNetwork(snapshot);
  const asking = performance.now();
  const { workloads } = analysis;
  for (let i = 0; i < QUESTIONS; i++) {
    const [from, to] = [workloads[(i * 7919) % workloads.length]!, workloads[(i * 104_729) % workloads.length]!];
    analysis.reaches(from.ref, to.ref, 'TCP', 8080);
  }
  const done = performance.now();
  const { pods, classes, rows } = analysis.size;
  console.log(
    [
      `${directory}: ${pods} pods, ${analysis.policies.length} policies, ${classes} classes, ${rows.ingress}+${rows.egress} rows`,
      `parse ${(analysing - parsing).toFixed(0)} ms`,
      `analyse ${(asking - analysing).toFixed(0)} ms`,
      `question ${(((done - asking) / QUESTIONS) * 1000).toFixed(1)} us`,
      `${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB`,
    ].join('; '),
  );
}
