/**
 * Speed and memory of the attack graph on a large cluster, beside upstream's own RBAC evaluator in the same run.
 *
 *     node --expose-gc bench/attack.ts [--pods 100000] [--nodes 5000] [--roles 50000] [--bindings 80000] [--accounts 20000]
 *                                      [--seed 1] [--peers DIR]
 *
 * Input comes from the generator ../shared/peers/rbac.mjs (beside the project); DIR (or SEAWORTHY_PEERS) is where
 * ../shared/peers/install-peers.sh has put bin/rbacref. Its load (reading and indexing the same RBAC objects) is what our analysis is compared with, its mean time
 * for a who-can question ours for the same questions.
 * One JSON line a case, with the `target` of those that have one; times are of the processor, in milliseconds.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { analyseAttack, fixPaths } from '../src/analysis/attack/index.ts';
import { analyseAccess, readRequest } from '../src/analysis/access/index.ts';
import { parseNode } from '../src/analysis/attack/nodes.ts';
import { attackChanges } from './support/attack-changes.ts';
import { findTool } from './support/peer-tools.ts';
import type { KubernetesObject } from '../src/model/object.ts';
import { createSnapshot } from '../src/model/snapshot.ts';

/** Questions asked of both. */
const WHO_CAN = 1000;

const { values: options } = parseArgs({
  options: {
    pods: { type: 'string', default: '100000' },
    nodes: { type: 'string', default: '5000' },
    roles: { type: 'string', default: '50000' },
    bindings: { type: 'string', default: '80000' },
    accounts: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    peers: { type: 'string', default: '' },
  },
});

const generator = join(import.meta.dirname, '..', '..', 'shared', 'peers', 'rbac.mjs');
if (!existsSync(generator)) throw new Error(`the generator is not at ${generator}`);
const directory = mkdtempSync(join(tmpdir(), 'bench-attack-'));
process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
const { pods, roles, bindings, accounts, seed } = options;
const sizes = Object.entries({ pods, roles, bindings, accounts, seed }).flatMap(([name, value]) => [
  `--${name}`,
  value,
]);
execFileSync(process.execPath, [generator, ...sizes, '--out', directory]);
const label = {
  pods: Number(pods),
  nodes: Number(options.nodes),
  roles: Number(roles),
  bindings: Number(bindings),
  seed: Number(seed),
};

const [objects, parseMs] = timed(() => [...read('rbac.json'), ...read('pods.json'), ...nodes(Number(options.nodes))]);
const snapshot = createSnapshot({
  source: { kind: 'cluster', description: 'bench' },
  resources: objects.map((object) => ({ object })),
});
const start = objects.find(
  ({ kind, spec }) => kind === 'Pod' && (spec as { serviceAccountName?: string }).serviceAccountName,
);
const footholds = [
  'Internet',
  `Shell:${start?.metadata.namespace}/${start?.metadata.name}`,
  'Token:ns-3/default',
  'Identity:user-7@example.com',
];
const before = heapMiB();
const [attack, analysisMs] = timed(() => analyseAttack(snapshot));
const analysisHeapMiB = heapMiB() - before;
const analysisRssMiB = mib(process.memoryUsage().rss);
const questions = footholds.flatMap((from) => ['ClusterAdmin', 'Root'].map((to) => ({ from, to })));
const answers = questions.map(({ from, to }) => {
  const [{ goal }, ms] = timed(() => attack.path(parseNode(from), parseNode(to)));
  return { from, to, reachable: goal.reachable, ms };
});
const total = analysisMs + answers.reduce((sum, { ms }) => sum + ms, 0);
print('analysis', {
  parseMs,
  analysisMs,
  analysisHeapMiB,
  analysisRssMiB,
  questions: answers.length,
  questionsMs: total - analysisMs,
  totalMs: total,
  heapMiB: heapMiB() - before,
  rssMiB: mib(process.memoryUsage().rss),
  targetMs: 2000,
  targetMiB: 600,
});
for (const answer of answers) print('path', answer);

const whoCanMs = askAccess();
print('who-can', { questions: WHO_CAN, meanMs: whoCanMs / WHO_CAN, target: 1 });

const user = parseNode('Identity:user-7@example.com');
for (const { kind, changes } of attackChanges(objects)) {
  for (const { from } of changes) attack.path(from, parseNode('ClusterAdmin'));
  const times = changes.map(({ change, from }) => {
    const begun = performance.now();
    const [, ms] = timed(() => attack.after(change).path(from, parseNode('ClusterAdmin')));
    return { ms, wallMs: performance.now() - begun };
  });
  print('one object changed', {
    kind,
    objects: times.length,
    medianMs: median(times.map(({ ms }) => ms)),
    maxMs: Math.max(...times.map(({ ms }) => ms)),
    medianWallMs: median(times.map(({ wallMs }) => wallMs)),
    maxWallMs: Math.max(...times.map(({ wallMs }) => wallMs)),
    target: 100,
  });
}

const [{ fix }, fixMs] = timed(() => {
  const elapsed = stopwatch();
  return fixPaths(snapshot, {
    pairs: [{ from: user, to: parseNode('SystemMasters') }],
    outOfTime: () => elapsed() > 5_000,
    mustStop: () => elapsed() > 9_500,
  });
});
print('fix', {
  ms: fixMs,
  outcome: fix.outcome,
  lowerBound: fix.lowerBound,
  ...(fix.upperBound === undefined ? {} : { upperBound: fix.upperBound }),
  target: 10_000,
});

const [every, pathsMs] = timed(() => attack.paths());
print('every foothold', {
  ms: pathsMs,
  footholds: every.paths.length,
  chokePoints: every.chokePoints.length,
  rssMiB: mib(process.memoryUsage().rss),
});

const program = options.peers === '' ? findTool('rbacref') : join(options.peers, 'bin', 'rbacref');
if (program === undefined) {
  print('rbacref', {
    compared: 'no: it is not on the PATH, nor below SEAWORTHY_PEERS; see ../shared/peers/install-peers.sh',
  });
} else {
  const run = spawnSync(program, [join(directory, 'rbac.json'), '50'], { encoding: 'utf8', maxBuffer: 1 << 28 });
  const loadMs = Number(/load ([\d.]+)s/.exec(run.stderr)?.[1]) * 1000;
  const meanMs = (Number(/queries \d+ ([\d.]+)s/.exec(run.stderr)?.[1]) * 1000) / 50;
  print('rbacref', {
    loadMs,
    timesOurParseAndAnalysis: loadMs / (parseMs + analysisMs),
    whoCanMs: meanMs,
    timesOurWhoCan: meanMs / (whoCanMs / WHO_CAN),
  });
}

/** The same who-can questions that rbacref answers, by an analysis that is warm. */
function askAccess(): number {
  const analysis = analyseAccess(snapshot);
  const requests = Array.from({ length: WHO_CAN }, (_, index) =>
    readRequest({ verb: 'get', target: 'secrets', namespace: `ns-${index % 500}` }),
  );
  for (const request of requests) analysis.whoCan(request);
  const [, ms] = timed(() => requests.forEach((request) => analysis.whoCan(request)));
  return ms;
}

function read(file: string): readonly KubernetesObject[] {
  return (JSON.parse(readFileSync(join(directory, file), 'utf8')) as { items: KubernetesObject[] }).items;
}

/** Nodes the generator knows by name only, and more. */
function nodes(count: number): readonly KubernetesObject[] {
  return Array.from({ length: count }, (_, index) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: `node-${index}` },
    spec: {},
  }));
}

/** Processor time in milliseconds: what else the machine does counts less than in time on the wall. */
function timed<T>(work: () => T): readonly [T, number] {
  const elapsed = stopwatch();
  return [work(), elapsed()];
}

function stopwatch(): () => number {
  const begun = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(begun);
    return (user + system) / 1000;
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

function heapMiB(): number {
  globalThis.gc?.();
  return mib(process.memoryUsage().heapUsed);
}

function mib(bytes: number): number {
  return bytes / 2 ** 20;
}

function print(name: string, figures: Readonly<Record<string, number | string | boolean>>): void {
  const rounded = Object.entries(figures).map(([key, value]) => [
    key,
    typeof value === 'number' ? Math.round(value * 100) / 100 : value,
  ]);
  process.stdout.write(
    `${JSON.stringify({ bench: 'attack', case: name, ...label, ...Object.fromEntries(rounded) })}\n`,
  );
}
