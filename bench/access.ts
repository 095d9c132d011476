/**
 * Speed and memory of the access analysis on a large cluster, beside upstream's own evaluator in the same run.
 *
 *     node --expose-gc bench/access.ts [--roles 50000] [--bindings 80000] [--accounts 20000] [--seed 1] [--rbacref PROGRAM]
 *
 * Input comes from the generator ../shared/peers/rbac.mjs (beside the project); `--rbacref` is the program built from
 * ../shared/peers/rbacref. One JSON line a case.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { analyseAccess, readRequest, requesterOf, type AccessRequest } from '../src/analysis/access/index.ts';
import { list } from '../src/model/json.ts';
import type { KubernetesObject } from '../src/model/object.ts';
import { createSnapshot } from '../src/model/snapshot.ts';

const { values: options } = parseArgs({
  options: {
    roles: { type: 'string', default: '50000' },
    bindings: { type: 'string', default: '80000' },
    accounts: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    rbacref: { type: 'string', default: process.env['RBACREF'] ?? '' },
    queries: { type: 'string', default: '1000' },
  },
});

const generator = join(import.meta.dirname, '..', '..', 'shared', 'peers', 'rbac.mjs');
if (!existsSync(generator)) throw new Error(`the generator is not at ${generator}`);
const directory = mkdtempSync(join(tmpdir(), 'bench-access-'));
process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
const { roles, bindings, accounts, seed } = options;
const sizes = Object.entries({ roles, bindings, accounts, pods: '1', seed }).flatMap(([name, value]) => [
  `--${name}`,
  value,
]);
execFileSync(process.execPath, [generator, ...sizes, '--out', directory]);

const file = join(directory, 'rbac.json');
const queries = Number(options.queries);
const label = { roles: Number(roles), bindings: Number(bindings), seed: Number(seed) };

const [items, parse] = timed(() => (JSON.parse(readFileSync(file, 'utf8')) as { items: KubernetesObject[] }).items);
const snapshot = createSnapshot({
  source: { kind: 'cluster', description: 'bench' },
  resources: items.map((object) => ({ object })),
});
const before = heapMiB();
const [access, analysis] = timed(() => analyseAccess(snapshot));
const [, first] = timed(() => access.whoCan(readRequest({ verb: 'get', target: 'secrets', namespace: 'ns-0' })));
print('analysis', {
  parseMs: parse,
  analysisMs: analysis,
  firstQuestionMs: first,
  heapMiB: heapMiB() - before,
  rssMiB: mib(process.memoryUsage().rss),
});

const namespaces = items.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name);
const asked = [
  'get secrets',
  'create pods',
  'create pods/exec',
  'escalate clusterroles.rbac.authorization.k8s.io',
  'delete deployments.apps',
];
const requests = Array.from({ length: queries }, (_, index) => {
  const [verb = '', target = ''] = (asked[index % asked.length] ?? '').split(' ');
  return readRequest({
    verb,
    target,
    namespace: namespaces[Math.floor(index / asked.length) % namespaces.length] ?? '',
  });
});
const whoCan = each(requests, (request) => access.whoCan(request).subjects.length);
print('who-can', whoCan);
const users = Array.from({ length: queries }, (_, index) =>
  requesterOf(`user-${index % 300}@example.com`, [`team-${index % 20}`, 'developers']),
);
print(
  'can',
  each(users, (user, index) => access.decide(user, requests[index] ?? requests[0]!)),
);

if (options.rbacref !== '') {
  const run = spawnSync(options.rbacref, [file, String(queries)], { encoding: 'utf8', maxBuffer: 1 << 28 });
  const theirs = run.stdout
    .trim()
    .split('\n')
    .map((line) => Number(line.split(' ').at(-1)));
  const seconds = Number(/queries \d+ ([\d.]+)s/.exec(run.stderr)?.[1]);
  const load = Number(/load ([\d.]+)s/.exec(run.stderr)?.[1]);
  const differ = requests.filter((request, index) => mentions(request) !== theirs[index]).length;
  print('rbacref', {
    loadMs: load * 1000,
    meanMs: (seconds * 1000) / queries,
    timesOursWhoCan: (seconds * 1000) / queries / whoCan.meanMs,
    timesOursLoad: (load * 1000) / (parse + analysis),
    answersThatDiffer: differ,
  });
}

/** What rbacref counts: upstream lists a subject once for every binding that allows it, and system:masters. */
function mentions(request: AccessRequest): number {
  const allowing = new Set(
    access.whoCan(request).subjects.flatMap(({ grants }) => grants.map(({ binding }) => binding)),
  );
  const lengths = access.bindings.map(({ ref, resource }) =>
    allowing.has(ref) ? list(resource.object['subjects']).length : 0,
  );
  return lengths.reduce((sum, length) => sum + length, 1);
}

function each<T>(values: readonly T[], ask: (value: T, index: number) => unknown) {
  const times = values.map((value, index) => timed(() => ask(value, index))[1]).sort((a, b) => a - b);
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  const sum = times.reduce((total, time) => total + time, 0);
  return { questions: times.length, meanMs: sum / times.length, medianMs: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}

function timed<T>(work: () => T): readonly [T, number] {
  const start = performance.now();
  const result = work();
  return [result, performance.now() - start];
}

function heapMiB(): number {
  globalThis.gc?.();
  return mib(process.memoryUsage().heapUsed);
}

function mib(bytes: number): number {
  return bytes / 2 ** 20;
}

function print(name: string, figures: Readonly<Record<string, number>>): void {
  const rounded = Object.fromEntries(
    Object.entries(figures).map(([key, value]) => [key, Math.round(value * 1000) / 1000]),
  );
  process.stdout.write(`${JSON.stringify({ bench: 'access', case: name, ...label, ...rounded })}\n`);
}
