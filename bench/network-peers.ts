/**
 * The network analysis beside programs that answer the same question, in one run: who may open TCP 8080 to whom, for every pair of
 * pods of a drawn cluster. `npm run bench -- network-peers [PODS/POLICIES | DIRECTORY …]`. Prints a JSON line for each program: its processor time, how
 * many times ours it is, and for how many pairs its answer differs. Looks for cyclonus 0.5.6 and network-config-analyzer 2.1.0 (`nca`) on
 * the PATH and in the directory SEAWORTHY_PEERS (`bin/` and `venv-nca/bin/`), and says what it does not find.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyseNetwork, type NetworkAnalysis, type PeerQuery } from '../src/analysis/network/index.ts';
import { passes, type Manifest } from '../src/analysis/network/testing/packet.ts';
import type { KubernetesObject } from '../src/model/object.ts';
import { createSnapshot } from '../src/model/snapshot.ts';
import { generatedCluster } from './generate/clusters.ts';
import { cyclonusModel, readCyclonus, readNca, type Answers } from './support/peer-answers.ts';
import { findTool, runTool } from './support/peer-tools.ts';
import { print } from './support/print.ts';

const PORT = 8080;
const LIMIT_SECONDS = 300;
/** Both peers need a minute and more for 1,000 pods and 200 policies. */
const SIZES = ['100/20', '400/80'];
const PROGRAM = join(import.meta.dirname, '../bin/seaworthy.js');

interface Peer {
  readonly name: string;
  readonly install: string;
  readonly tool: string | undefined;
  command(tool: string, directory: string): readonly string[];
  read(output: string): Answers;
}

const PEERS: readonly Peer[] = [
  {
    name: 'cyclonus',
    install: 'go install github.com/mattfenwick/cyclonus/cmd/cyclonus@v0.5.6',
    tool: findTool('cyclonus'),
    command: (tool, directory) =>
      [tool, 'analyze', '--mode', 'probe'].concat(
        ['--policy-path', join(directory, 'policies.json')],
        ['--probe-path', join(directory, 'cyclonus.json')],
      ),
    read: readCyclonus,
  },
  {
    name: 'network-config-analyzer',
    install: 'python3 -m venv venv-nca && venv-nca/bin/pip install network-config-analyzer==2.1.0',
    tool: findTool('nca', 'venv-nca'),
    command: (tool, directory) =>
      [tool, '--connectivity', join(directory, 'policies.json')].concat(
        ['-n', join(directory, 'namespaces.json'), '-p', join(directory, 'pods.json')],
        ['--output_endpoints', 'pods', '--output_format', 'txt_no_fw_rules', '--return_0'],
      ),
    read: (output) => readNca(output, PORT),
  },
];

/** The cluster with its namespaces, as programs read it. */
function clusterOf(pods: number, policies: number): readonly KubernetesObject[] {
  const objects = generatedCluster('drawn', pods, policies);
  const names = new Set(objects.map(({ metadata }) => metadata.namespace ?? 'default'));
  const namespaces = [...names].map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
  }));
  return [...namespaces, ...objects];
}

function writeLists(directory: string, objects: readonly KubernetesObject[]): void {
  const lists = {
    namespaces: ['v1', 'Namespace'],
    pods: ['v1', 'Pod'],
    policies: ['networking.k8s.io/v1', 'NetworkPolicy'],
  };
  for (const [file, [apiVersion, kind]] of Object.entries(lists)) {
    const items = objects.filter((one) => one.kind === kind);
    writeFileSync(join(directory, `${file}.json`), JSON.stringify({ apiVersion, kind: `${kind}List`, items }));
  }
  writeFileSync(join(directory, 'cyclonus.json'), cyclonusModel(objects, PORT));
}

/** A drawn cluster by its size, or a directory with namespaces.json, pods.json and policies.json. */
function objectsOf(what: string): readonly KubernetesObject[] {
  const drawn = /^(\d+)\/(\d+)$/.exec(what);
  if (drawn) return clusterOf(Number(drawn[1]), Number(drawn[2]));
  return ['namespaces', 'pods', 'policies'].flatMap((file) => {
    const read: unknown = JSON.parse(readFileSync(join(what, `${file}.json`), 'utf8'));
    return (read as { readonly items: readonly KubernetesObject[] }).items;
  });
}

function compareOn(what: string): void {
  const objects = objectsOf(what);
  const directory = mkdtempSync(join(tmpdir(), 'network-peers-'));
  try {
    writeLists(directory, objects);
    const pods = objects.filter(({ kind }) => kind === 'Pod');
    const names = pods.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    const snapshot = createSnapshot({
      source: { kind: 'files', description: what },
      resources: objects.map((object) => ({ object })),
    });
    const engine = timed(() => {
      const analysis = analyseNetwork(snapshot);
      return { analysis, groups: analysis.groups() };
    });
    print({ case: what, tool: 'engine, every port, in this process', cpuSeconds: engine.cpuSeconds, timesOurs: 1 });
    const answers = ourAnswers(names, engine.value.analysis);
    const slow = timed(() => slowAnswers(names, objects));
    report(what, 'evaluator of the tests, in this process', slow, engine, names, answers);

    const files = ['namespaces', 'pods', 'policies'].flatMap((file) => ['-f', join(directory, `${file}.json`)]);
    const ours = runTool(
      [process.execPath, PROGRAM, 'reach', ...files, '-o', 'json'],
      join(directory, 'ours'),
      LIMIT_SECONDS,
    );
    if ('failed' in ours) throw new Error(`reach failed: ${ours.failed}`);
    print({ case: what, tool: 'seaworthy reach, every port', cpuSeconds: ours.cpuSeconds, timesOurs: 1 });
    for (const { name, tool, install, command, read } of PEERS) {
      if (tool === undefined) {
        print({ case: what, tool: name, missing: `not on the PATH nor in SEAWORTHY_PEERS: ${install}` });
        continue;
      }
      const ran = runTool(command(tool, directory), join(directory, name), LIMIT_SECONDS);
      if ('failed' in ran) print({ case: what, tool: name, failed: ran.failed });
      else report(what, name, { ...ran, value: read(ran.output) }, ours, names, answers);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Timed {
  readonly cpuSeconds: number;
}

function timed<T>(work: () => T): Timed & { readonly value: T } {
  const begun = process.cpuUsage();
  const value = work();
  const { user, system } = process.cpuUsage(begun);
  return { value, cpuSeconds: (user + system) / 1e6 };
}

/** Asks about every pair of different pods once. */
function everyPair(names: readonly string[], ask: Answers): Answers {
  const known = new Map(
    names.map((from) => [from, new Map(names.map((to) => [to, from === to ? undefined : ask(from, to)]))]),
  );
  return (from, to) => known.get(from)?.get(to);
}

function ourAnswers(names: readonly string[], analysis: NetworkAnalysis): Answers {
  const podOf = (id: string): PeerQuery => {
    const [namespace = '', name = ''] = id.split('/');
    return { kind: 'workload', namespace, name };
  };
  // Pods of one workload may differ in their labels: the question is about pods.
  const verdicts = new Map([
    ['allowed', true],
    ['denied', false],
  ]);
  return everyPair(names, (from, to) =>
    verdicts.get(analysis.query(podOf(from), podOf(to), { protocol: 'TCP', port: PORT }).verdict),
  );
}

function slowAnswers(names: readonly string[], objects: readonly Manifest[]): Answers {
  const of = (kind: string): readonly Manifest[] => objects.filter((one) => one['kind'] === kind);
  const cluster = { namespaces: of('Namespace'), pods: of('Pod'), policies: of('NetworkPolicy') };
  const byName = new Map<string, Manifest>(
    cluster.pods.map((pod) => [`${pod['metadata'].namespace}/${pod['metadata'].name}`, pod]),
  );
  return everyPair(names, (a, b) => {
    const [from, to] = [byName.get(a), byName.get(b)];
    return from && to && passes(cluster, { from, to, family: 4, protocol: 'TCP', port: PORT });
  });
}

/** Prints what a program took, and for how many pairs that both answer it answers otherwise. */
function report(
  what: string,
  tool: string,
  theirs: Timed & { readonly value: Answers },
  ours: Timed,
  names: readonly string[],
  answers: Answers,
): void {
  let [pairs, differ, example] = [0, 0, ''];
  for (const from of names)
    for (const to of names) {
      const [mine, other] = [answers(from, to), theirs.value(from, to)];
      if (mine === undefined || other === undefined) continue;
      pairs++;
      if (mine === other) continue;
      differ++;
      example ||= `${from} -> ${to}: ours ${mine}, theirs ${other}`;
    }
  const { cpuSeconds } = theirs;
  print({
    case: what,
    tool,
    cpuSeconds,
    timesOurs: cpuSeconds / ours.cpuSeconds,
    pairs,
    differ,
    ...(differ > 0 ? { example } : {}),
  });
}

const asked = process.argv.slice(2);
for (const what of asked.length > 0 ? asked : SIZES) compareOn(what);
