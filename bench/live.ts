/**
 * Reading a live API server that holds many pods: seconds, requests and the largest resident memory, beside the plain way
 * (every kind in one request, parsed at once). Each way runs in a process of its own.
 *
 *     npm run bench -- live [--pods 20000]                      the lab's API server, in a process of its own
 *     npm run bench -- live [--pods 20000] --kubeconfig FILE    a real one; the pods are never scheduled, and removed
 */
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connect } from '../src/cluster/connect.ts';
import type { ClusterClient } from '../src/cluster/types.ts';
import { record } from '../src/model/json.ts';
import type { KubernetesObject } from '../src/model/object.ts';
import { forEachConcurrently } from '../src/sources/concurrently.ts';
import { readCluster } from '../src/sources/live.ts';
import { generatedPod } from './generate/pods.ts';
import { peakMegabytes, print } from './support/print.ts';

const NAMESPACES = Array.from({ length: 5 }, (_, index) => `seaworthy-bench-${index}`);
const AT_ONCE = 24;
const UNLIMITED = { rate: { perSecond: 1e6, burst: 1e6 } };

const { values: options } = parseArgs({
  options: {
    pods: { type: 'string', default: '20000' },
    kubeconfig: { type: 'string' },
    read: { type: 'string' },
  },
});

if (options.read === undefined) await compare(Number(options.pods));
else await read(options.read, options.kubeconfig ?? '');

async function compare(count: number): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-live-'));
  const kubeconfig = options.kubeconfig ?? join(directory, 'kubeconfig');
  const server = options.kubeconfig === undefined ? await startServer(kubeconfig) : undefined;
  const client = connect({ kubeconfig }, process.env, process.cwd(), UNLIMITED);
  try {
    await fill(client, count);
    for (const way of ['seaworthy', 'plain']) await inItsOwnProcess(way, kubeconfig);
  } finally {
    if (server) server.kill();
    else await empty(client);
    client.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function startServer(kubeconfig: string): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, 'support', 'api-server.ts'), { stdio: 'inherit' });
  const content = await new Promise<string>((ready) => child.once('message', (said) => ready(said as string)));
  writeFileSync(kubeconfig, content);
  return child;
}

function inItsOwnProcess(way: string, kubeconfig: string): Promise<void> {
  const flags = ['--read', way, '--kubeconfig', kubeconfig];
  const child = spawn(process.execPath, [import.meta.filename, ...flags], { stdio: 'inherit' });
  return new Promise((ended) => child.on('close', () => ended()));
}

/** Pods as large as real ones, in five namespaces, waiting for a scheduler that does not exist. */
async function fill(client: ClusterClient, count: number): Promise<void> {
  const begun = performance.now();
  for (const name of NAMESPACES) {
    await made(client, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: name } };
    await client.create(account); // the controllers of a real cluster may have been faster
  }
  const indices = Array.from({ length: count }, (_, index) => index);
  await forEachConcurrently(indices, AT_ONCE, (index) => made(client, waitingPod(index)));
  print({ case: 'live fill', pods: count, seconds: (performance.now() - begun) / 1000 });
}

function waitingPod(index: number): KubernetesObject {
  const pod = generatedPod(index);
  const { name, labels, annotations } = pod.metadata;
  const metadata = { name, namespace: NAMESPACES[index % NAMESPACES.length] ?? '', labels, annotations };
  const { nodeName: _, ...spec } = record(pod['spec']);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: metadata as KubernetesObject['metadata'],
    spec: { ...spec, serviceAccountName: 'default', schedulerName: 'nobody' },
    status: pod['status'],
  };
}

async function made(client: ClusterClient, object: KubernetesObject): Promise<void> {
  for (let tries = 1; ; tries++) {
    const created = await client.create(object);
    if (created.kind === 'ok' || created.kind === 'conflict') return;
    if (tries === 10) throw new Error(`${object.kind} ${object.metadata.name}: ${created.because}`);
    await sleep(500);
  }
}

async function empty(client: ClusterClient): Promise<void> {
  for (const name of NAMESPACES) await client.delete({ apiVersion: 'v1', kind: 'Namespace', name });
  for (const name of NAMESPACES) {
    while ((await client.get({ apiVersion: 'v1', kind: 'Namespace', name })).kind !== 'missing') await sleep(1000);
  }
}

/** Reads the pods one way, counting the lists and pages it takes. */
async function read(way: string, kubeconfig: string): Promise<void> {
  const client = connect({ kubeconfig }, process.env, process.cwd());
  const seen = { lists: 0, pages: 0 };
  const counting: ClusterClient = {
    ...client,
    async *list(resource, how) {
      if (resource.kind === 'Pod') seen.lists++;
      for await (const page of client.list(resource, how)) {
        if (resource.kind === 'Pod') seen.pages++;
        yield page;
      }
    },
  };
  const begun = performance.now();
  const pods = way === 'plain' ? await readPlainly(counting) : await readOurs(counting);
  const seconds = (performance.now() - begun) / 1000;
  client.close();
  const { lists, pages } = seen;
  print({ case: `live ${way}`, pods, seconds, podsPerSecond: pods / seconds, lists, pages, rssMB: peakMegabytes() });
}

async function readOurs(client: ClusterClient): Promise<number> {
  return (await readCluster(client, { now: () => new Date() })).list('Pod').length;
}

/** The pods alone, in one answer. */
async function readPlainly(client: ClusterClient): Promise<number> {
  const resource = await client.resourceOf('v1', 'Pod');
  const pods: KubernetesObject[] = [];
  if (!resource) return 0;
  for await (const page of client.list(resource, { pageSize: 1_000_000 })) {
    if (page.kind === 'ok') pods.push(...page.value);
  }
  return pods.length;
}
