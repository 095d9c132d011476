/**
 * Cost of the network analysis: `npm run bench -- network` prints one JSON line for each size of a drawn cluster (the curve of cost by
 * classes) and each hard shape, with the complete answer, the question about one pair, and the memory of the process; for the kinds of
 * change of one object; for the way from JSON files to the answer, and by the command; and for the packet-by-packet evaluator of the tests. Every case runs
 * in a process of its own. Times are of the processor, in milliseconds (`Us`: microseconds), all threads together; `wall` is what passed.
 *
 * With directories as arguments (namespaces.json, pods.json, policies.json in each, as `kubectl get -o json` writes them) it measures
 * those instead, and the difference to policies-b.json where that is there; beside the project the generator ../shared/peers/net.mjs makes such, which `--peers SEED …` runs.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { diffNetworks } from '../src/analysis/network/diff/diff.ts';
import { analyseNetwork, type NetworkAnalysis } from '../src/analysis/network/index.ts';
import { passes, type Cluster, type Manifest } from '../src/analysis/network/testing/packet.ts';
import type { KubernetesObject } from '../src/model/object.ts';
import { createSnapshot, type Snapshot } from '../src/model/snapshot.ts';
import { generatedCluster, type Shape } from './generate/clusters.ts';
import { measureEdits, measureHistory } from './support/network-edits.ts';
import { peakMegabytes, print } from './support/print.ts';

const QUESTIONS = 5_000;
const HISTORY = 200;
const FILES = ['namespaces', 'pods', 'policies'];
const SIZES: readonly (readonly [shape: Shape, pods: number, policies: number])[] = [
  ['drawn', 1_000, 200],
  ['drawn', 10_000, 1_000],
  ['drawn', 50_000, 5_000],
  ['drawn', 100_000, 10_000],
  ['drawn', 150_000, 10_000],
  ['tiers', 100_000, 10_000],
  ['labels', 20_000, 2_000],
  ['networks', 10_000, 10_000],
  ['ports', 10_000, 10_000],
];

type Figures = Readonly<Record<string, string | number>>;

/** What a piece of work gives, with the time of the processor and of the clock it took, under a name. */
function timed<T>(
  name: string,
  work: () => T,
): { readonly value: T; readonly figures: Figures; readonly cpuMs: number } {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  const value = work();
  const { user, system } = process.cpuUsage(cpu);
  const cpuMs = (user + system) / 1000;
  return { value, cpuMs, figures: { [`${name}Ms`]: cpuMs, [`${name}WallMs`]: performance.now() - start } };
}

function snapshotOf(objects: readonly KubernetesObject[]): Snapshot {
  return createSnapshot({
    source: { kind: 'files', description: 'bench' },
    resources: objects.map((object) => ({ object })),
  });
}

/** The analysis, all connections as groups, and questions about single pairs. */
function measureAnswer(name: string, snapshot: Snapshot, more: Figures = {}): NetworkAnalysis {
  const { value: analysis, figures, cpuMs } = timed('analyse', () => analyseNetwork(snapshot));
  const groups = timed('groups', () => analysis.groups());
  const { workloads, size } = analysis;
  const asked = timed('questions', () => {
    for (let i = 0; i < QUESTIONS; i++) {
      const [from, to] = [workloads[(i * 7_919) % workloads.length], workloads[(i * 104_729) % workloads.length]];
      if (from && to) analysis.reaches(from.ref, to.ref, 'TCP', 8080);
    }
  });
  print({
    case: name,
    pods: size.pods,
    policies: analysis.policies.length,
    workloads: workloads.length,
    classes: size.classes,
    addressClasses: size.addressClasses,
    ingressRows: size.rows.ingress,
    egressRows: size.rows.egress,
    ...more,
    ...figures,
    ...groups.figures,
    completeMs: cpuMs + groups.cpuMs,
    groups: groups.value.length,
    groupMembers: groups.value.reduce((sum, { from, to }) => sum + from.length + to.length, 0),
    questionUs: (asked.cpuMs / QUESTIONS) * 1000,
    peakMB: peakMegabytes(),
  });
  return analysis;
}

function measureChanges(name: string, snapshot: Snapshot, analysis: NetworkAnalysis): void {
  for (const { edit, ...cost } of [...measureEdits(snapshot, analysis), measureHistory(snapshot, analysis, HISTORY)])
    print({ case: `${name}, ${edit}`, ...cost });
}

function readLists(directory: string, names: readonly string[]): readonly KubernetesObject[] {
  return names.flatMap((name) => {
    const list = JSON.parse(readFileSync(join(directory, `${name}.json`), 'utf8')) as { items: KubernetesObject[] };
    return list.items;
  });
}

/** The way from JSON files to the complete answer. */
function measureFiles(directory: string, name: string, changes: boolean): void {
  const start = process.cpuUsage();
  const parsed = timed('parse', () => readLists(directory, FILES));
  const snapshot = snapshotOf(parsed.value);
  timed('first', () => analyseNetwork(snapshot).groups());
  const { user, system } = process.cpuUsage(start);
  print({
    case: `${name}, from JSON`,
    ...parsed.figures,
    endToEndMs: (user + system) / 1000,
    peakMB: peakMegabytes(),
  });
  if (changes) measureChanges(name, snapshot, measureAnswer(name, snapshot));
}

/** The command a person types, from the start of the process to the last byte, which goes nowhere. */
async function measureCommand(directory: string, name: string): Promise<void> {
  const { run } = await import('../src/cli/run.ts');
  const nowhere = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() });
  const files = FILES.flatMap((file) => ['-f', join(directory, `${file}.json`)]);
  const io = { stdin: Readable.from([]), stdout: nowhere(), stderr: nowhere(), env: {}, cwd: directory };
  const exitCode = await run(['reach', ...files, '-o', 'json'], {
    ...io,
    now: () => new Date(),
    signal: new AbortController().signal,
    exitCode: 0,
  });
  const { user, system } = process.cpuUsage();
  print({
    case: `${name}, reach -o json`,
    exitCode,
    endToEndMs: (user + system) / 1000,
    endToEndWallMs: performance.now(),
    peakMB: peakMegabytes(),
  });
}

/** What differs where another set of policies stands beside the first, as the generator of the peers writes it. */
function measureDiff(directory: string, name: string): void {
  const before = snapshotOf(readLists(directory, FILES));
  const after = snapshotOf(readLists(directory, ['namespaces', 'pods', 'policies-b']));
  const [old, now] = [before, after].map((snapshot) => ({ snapshot, analysis: analyseNetwork(snapshot) }));
  if (!old || !now) return;
  const { value, figures } = timed('diff', () => Iterator.from(diffNetworks(old, now)).reduce((count) => count + 1, 0));
  print({ case: `${name}, difference with causes`, changes: value, ...figures, peakMB: peakMegabytes() });
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
  const { cpuMs } = timed('packets', () => {
    for (let i = 0; i < packets; i++) {
      const [from, to] = [cluster.pods[(i * 7_919) % pods], cluster.pods[(i * 104_729) % pods]];
      if (from && to) passes(cluster, { from, to, family: 4, protocol: 'TCP', port: 8080 });
    }
  });
  print({ case: `evaluator of the tests ${pods}/${policies}`, packetUs: (cpuMs / packets) * 1000 });
}

/** One case, in this process. */
async function measure([kind = '', name = '', ...rest]: readonly string[]): Promise<void> {
  const [pods = 0, policies = 0] = rest.map(Number);
  const shape = name as Shape;
  if (kind === 'answer')
    measureAnswer(nameOf(shape, pods, policies), snapshotOf(generatedCluster(shape, pods, policies)));
  else if (kind === 'changes') {
    const snapshot = snapshotOf(generatedCluster(shape, pods, policies));
    measureChanges(nameOf(shape, pods, policies), snapshot, analyseNetwork(snapshot));
  } else if (kind === 'files') measureFiles(name, rest[0] ?? name, rest[1] === 'changes');
  else if (kind === 'command') await measureCommand(name, rest[0] ?? name);
  else if (kind === 'diff') measureDiff(name, rest[0] ?? name);
  else if (kind === 'slow') measureSlow(Number(name), pods);
}

function nameOf(shape: Shape, pods: number, policies: number): string {
  return `${shape} ${pods}/${policies}`;
}

/** Writes a drawn cluster as three lists. */
function writeLists(directory: string, pods: number, policies: number): void {
  const objects = generatedCluster('drawn', pods, policies);
  const kinds = { namespaces: 'Namespace', pods: 'Pod', policies: 'NetworkPolicy' };
  for (const [file, kind] of Object.entries(kinds)) {
    const items = objects.filter((one) => one.kind === kind);
    writeFileSync(join(directory, `${file}.json`), JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  }
}

function inOwnProcess(...args: readonly string[]): void {
  const { status } = spawnSync(process.execPath, [import.meta.filename, '--case', ...args], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}

function directoryCases(directory: string, name: string): void {
  inOwnProcess('files', directory, name, 'changes');
  inOwnProcess('command', directory, name);
  if (existsSync(join(directory, 'policies-b.json'))) inOwnProcess('diff', directory, name);
}

function withDirectory(use: (directory: string) => void): void {
  const directory = mkdtempSync(join(tmpdir(), 'bench-network-'));
  try {
    use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const [first, ...others] = process.argv.slice(2);
if (first === '--case') await measure(others);
else if (first === '--peers') {
  const generator = join(import.meta.dirname, '..', '..', 'shared', 'peers', 'net.mjs');
  const sizes = ['--pods', '100000', '--policies', '10000', '--namespaces', '500'];
  for (const seed of others)
    withDirectory((directory) => {
      execFileSync(process.execPath, [generator, ...sizes, '--seed', seed, '--out', directory]);
      directoryCases(directory, `peers, seed ${seed}`);
    });
} else if (first !== undefined) for (const directory of [first, ...others]) directoryCases(directory, directory);
else {
  for (const [shape, pods, policies] of SIZES) inOwnProcess('answer', shape, String(pods), String(policies));
  inOwnProcess('changes', 'drawn', '100000', '10000');
  withDirectory((directory) => {
    writeLists(directory, 100_000, 10_000);
    inOwnProcess('files', directory, nameOf('drawn', 100_000, 10_000));
    inOwnProcess('command', directory, nameOf('drawn', 100_000, 10_000));
  });
  inOwnProcess('slow', '1000', '200');
  inOwnProcess('slow', '10000', '1000');
}
