import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createWriteStream, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { dump } from 'js-yaml';
import { createClusterClient } from '../src/cluster/client.ts';
import { readCluster } from '../src/sources/live.ts';
import { readManifests } from '../src/sources/manifests.ts';
import { formatSnapshot, readSnapshotFile } from '../src/sources/snapshot-file.ts';
import { generatedPod } from './generate/pods.ts';

/**
 * Reading pods from files and from an API server: seconds, megabytes a second, and the largest resident memory, beside
 * `JSON.parse` of the same file.
 * `npm run bench -- reading [PODS]`. Each case runs in a process of its own, so that memory is its own.
 */
const COUNT = Number(process.argv[2] ?? 20_000);
const [, , , task, target = ''] = process.argv;

function* listOf(
  separator: string,
  format: (index: number) => string,
  ends: readonly [string, string],
): Generator<string> {
  yield ends[0];
  for (let index = 0; index < COUNT; index++) yield `${index === 0 ? '' : separator}${format(index)}`;
  yield ends[1];
}

const indented = (index: number): string => dump([generatedPod(index)], { seqNoIndent: true, noRefs: true });

const FILES: Readonly<Record<string, () => Generator<string>>> = {
  'list.json': () =>
    listOf(',', (i) => JSON.stringify(generatedPod(i), null, 4), [
      '{"apiVersion":"v1","items":[',
      '],"kind":"List"}\n',
    ]),
  'list.yaml': () => listOf('', indented, ['apiVersion: v1\nitems:\n', 'kind: List\n']),
  'documents.yaml': () => listOf('---\n', (i) => dump(generatedPod(i), { noRefs: true }), ['', '']),
};

/** Serves the pods in pages, as JSON made beforehand, and nothing of every other kind. */
async function serve(): Promise<void> {
  const bodies = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://server');
    response.writeHead(200, { 'content-type': 'application/json' });
    if (url.pathname === '/version') return void response.end('{"gitVersion":"v1.36.0"}');
    if (url.pathname === '/api' || url.pathname === '/apis') return void response.end(discovery(url.pathname));
    const limit = Number(url.searchParams.get('limit') ?? COUNT);
    const from = Number(url.searchParams.get('continue') ?? 0);
    response.end(bodies.get(String(from)) ?? page(from, limit));
  });
  const page = (from: number, limit: number): Buffer => {
    const to = Math.min(COUNT, from + limit);
    const items = Array.from({ length: to - from }, (_, i) => generatedPod(from + i));
    const metadata = { resourceVersion: '1', ...(to < COUNT ? { continue: String(to) } : {}) };
    return Buffer.from(JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata, items }));
  };
  for (let from = 0; from < COUNT; from += 500) bodies.set(String(from), page(from, 500));
  const bytes = [...bodies.values()].reduce((sum, body) => sum + body.length, 0);
  server.listen(0, '127.0.0.1', () => {
    process.stdout.write(`${(server.address() as AddressInfo).port} ${bytes}\n`);
  });
}

function discovery(path: string): string {
  const pods = { resource: 'pods', responseKind: { kind: 'Pod' }, scope: 'Namespaced', verbs: ['list'] };
  const items = path === '/api' ? [{ metadata: { name: '' }, versions: [{ version: 'v1', resources: [pods] }] }] : [];
  return JSON.stringify({ kind: 'APIGroupDiscoveryList', items });
}

async function readLive(server: string): Promise<number> {
  const client = createClusterClient(
    { context: 'bench', server, namespace: 'default', tls: { insecure: false }, credential: { kind: 'none' } },
    { env: {} },
  );
  const snapshot = await readCluster(client, { now: () => new Date(0) });
  client.close();
  return snapshot.list('Pod').length;
}

async function measure(name: string, bytes: number): Promise<void> {
  const before = performance.now();
  const pods =
    name === 'JSON.parse alone'
      ? (JSON.parse(readFileSync(target, 'utf8')) as { items: unknown[] }).items.length
      : name === 'api'
        ? await readLive(target)
        : name === 'snapshot.json'
          ? (await readSnapshotFile(target)).list('Pod').length
          : (await readManifests([target])).list('Pod').length;
  const seconds = (performance.now() - before) / 1000;
  const result = {
    case: `reading ${name}`,
    pods,
    megabytes: Math.round(bytes / 1e6),
    seconds: Number(seconds.toFixed(2)),
    megabytesPerSecond: Math.round(bytes / 1e6 / seconds),
    peakRssMegabytes: Math.round(process.resourceUsage().maxRSS / 1e3),
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

function run(...args: readonly string[]): ReturnType<typeof spawn> {
  return spawn(process.execPath, [import.meta.filename, String(COUNT), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function output(child: ReturnType<typeof spawn>): Promise<void> {
  child.stdout?.pipe(process.stdout, { end: false });
  await new Promise((ended) => child.on('close', ended));
}

async function all(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-reading-'));
  try {
    for (const [name, chunks] of Object.entries(FILES)) {
      const file = join(directory, name);
      await pipeline(Readable.from(chunks()), createWriteStream(file));
      await output(run('measure', file, name, String(statSync(file).size)));
      if (name === 'list.json') await output(run('measure', file, 'JSON.parse alone', String(statSync(file).size)));
      else rmSync(file);
    }
    const saved = join(directory, 'snapshot.json');
    await pipeline(
      Readable.from(formatSnapshot(await readManifests([join(directory, 'list.json')]))),
      createWriteStream(saved),
    );
    await output(run('measure', saved, 'snapshot.json', String(statSync(saved).size)));
    const server = run('serve');
    const [port = '', bytes = ''] = await new Promise<string[]>((ready) => {
      server.stdout?.once('data', (line: Buffer) => ready(line.toString().trim().split(' ')));
    });
    await output(run('measure', `http://127.0.0.1:${port}`, 'api', bytes));
    server.kill();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

if (task === 'serve') await serve();
else if (task === 'measure') await measure(process.argv[5] ?? '', Number(process.argv[6]));
else await all();
