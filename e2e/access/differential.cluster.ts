/**
 * Asks a real API server thousands of random questions by SubjectAccessReview and compares its answers with the engine's.
 *
 *     KUBECONFIG=… node e2e/access/differential.cluster.ts [REQUESTS] [SEED]
 *
 * Needs kubectl and a cluster one may create roles in; everything it makes is named `h5-…` and removed at the end. The
 * engine sees the objects twice: as manifests (aggregated roles still empty, defaults missing) and as the cluster lists them.
 */
import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import * as fc from 'fast-check';
import {
  analyseAccess,
  type AccessAnalysis,
  type AccessRequest,
  type Requester,
} from '../../src/analysis/access/index.ts';
import type { KubernetesObject } from '../../src/model/object.ts';
import { snapshotOf } from '../../src/testing/rbac.ts';
import { rbacObjects, requesters, requests } from './arbitraries.ts';
import { nodeQuestions } from './node-questions.ts';

const words = { prefix: 'h5-', alsoInvalid: false };
const NAMESPACES = ['h5-x', 'h5-y'];
const RBAC_KINDS = 'clusterroles,clusterrolebindings,roles,rolebindings';
const IN_PARALLEL = 16;

const total = Number(process.argv[2] ?? 10_000);
const seed = Number(process.argv[3] ?? 1);
const objects = fc.sample(rbacObjects(words, 8), { numRuns: 1, seed })[0] ?? [];

let proxy: { readonly child: ChildProcess; readonly url: string } | undefined;
try {
  for (const name of NAMESPACES) kubectl(['create', 'namespace', name]);
  kubectl(['create', '-f', '-'], { apiVersion: 'v1', kind: 'List', items: objects });
  await settled();
  const [live, pods] = await Promise.all([listed(RBAC_KINDS), listed('pods')]);
  const asFiles = analyseAccess(snapshotOf(objects, { source: 'files' }));
  const asCluster = analyseAccess(snapshotOf([...live, ...pods]));
  proxy = await startProxy();
  const random = fc.sample(fc.tuple(requesters(words), requests(words)), { numRuns: total, seed });
  const wrong = [
    ...(await disagreements('manifests', asFiles, random, proxy.url)),
    ...(await disagreements('cluster', asCluster, random, proxy.url)),
    ...(await disagreements('nodes', asCluster, nodeQuestions(pods), proxy.url)),
  ];
  for (const one of wrong.slice(0, 20)) console.log(JSON.stringify(one));
  process.exitCode = wrong.length === 0 ? 0 : 1;
} finally {
  proxy?.child.kill();
  cleanUp();
}

async function disagreements(
  label: string,
  access: AccessAnalysis,
  questions: readonly (readonly [Requester, AccessRequest])[],
  url: string,
): Promise<readonly unknown[]> {
  const wrong: unknown[] = [];
  let allowed = 0;
  let next = 0;
  await Promise.all(
    Array.from({ length: IN_PARALLEL }, async () => {
      for (let question = questions[next++]; question; question = questions[next++]) {
        const [who, what] = question;
        const theirs = await review(url, who, what);
        const ours = access.decide(who, what).allowed;
        if (theirs) allowed++;
        if (ours !== theirs) wrong.push({ label, who, what, ours, theirs });
      }
    }),
  );
  console.log(JSON.stringify({ case: label, seed, questions: questions.length, allowed, disagreements: wrong.length }));
  return wrong;
}

async function review(url: string, { user, groups }: Requester, what: AccessRequest): Promise<boolean> {
  const attributes =
    what.kind === 'resource'
      ? { resourceAttributes: { ...what, kind: undefined } }
      : { nonResourceAttributes: { verb: what.verb, path: what.path } };
  const response = await fetch(`${url}/apis/authorization.k8s.io/v1/subjectaccessreviews`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { user, groups, ...attributes },
    }),
  });
  const answer = (await response.json()) as { readonly status?: { readonly allowed?: boolean } };
  if (typeof answer.status?.allowed !== 'boolean') throw new Error(JSON.stringify(answer));
  return answer.status.allowed;
}

/** Waits until the aggregation controller has filled every role and the authorizer's caches have followed. */
async function settled(): Promise<void> {
  let before = '';
  for (let quiet = 0; quiet < 3; quiet++) {
    await sleep(1000);
    const now = JSON.stringify((await listed('clusterroles')).map(({ metadata }) => metadata.resourceVersion));
    if (now !== before) quiet = 0;
    before = now;
  }
}

async function listed(kinds: string): Promise<readonly KubernetesObject[]> {
  const { stdout } = await promisify(execFile)('kubectl', ['get', kinds, '-A', '-o', 'json'], { maxBuffer: 1 << 28 });
  return (JSON.parse(stdout) as { readonly items: readonly KubernetesObject[] }).items;
}

function kubectl(args: readonly string[], input?: unknown): void {
  const stdin = input === undefined ? {} : { input: JSON.stringify(input) };
  execFileSync('kubectl', args, { ...stdin, stdio: ['pipe', 'ignore', 'inherit'] });
}

async function startProxy(): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const child = spawn('kubectl', ['proxy', '--port=0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    const address = /Starting to serve on (\S+)/.exec(line)?.[1];
    if (address !== undefined) return { child, url: `http://${address}` };
  }
  throw new Error('kubectl proxy ended');
}

function cleanUp(): void {
  const ours = objects.filter(({ metadata }) => metadata.namespace === undefined);
  kubectl([
    'delete',
    '--ignore-not-found',
    '--wait=false',
    ...ours.map(({ kind, metadata }) => `${kind}/${metadata.name}`),
  ]);
  kubectl(['delete', '--ignore-not-found', '--wait=false', 'namespace', ...NAMESPACES]);
}
