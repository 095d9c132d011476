import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterClient } from '../../src/cluster/types.ts';
import { at, number } from '../../src/model/json.ts';
import { formatRef, refOf, type KubernetesObject } from '../../src/model/object.ts';
import { readCluster } from '../../src/sources/live.ts';
import { ADMIN, CI } from './chain.ts';
import { GUESTS, LABEL, SHOP } from './shop.ts';

const EVERY_MS = 250;
/** Longest wait for pods to be ready, or for a namespace to be gone. */
const PATIENCE_MS = 120_000;

/** Puts the shop up and waits until all of it is ready. Throws the API server's words when it takes something not. */
export async function putUp(client: ClusterClient, objects: readonly KubernetesObject[], signal: AbortSignal) {
  for (const object of objects) {
    const applied = await client.apply(object, { signal });
    if (applied.kind !== 'ok') throw new Error(`${formatRef(refOf(object))}: ${applied.because}`);
  }
  const deployments = objects.filter(({ kind }) => kind === 'Deployment');
  await until('the shop is ready', signal, async () => {
    const found = await Promise.all(deployments.map((deployment) => client.get(refOf(deployment), signal)));
    return found.every((one) => {
      if (one.kind !== 'ok') return false;
      const wanted = number(at(one.value, 'spec', 'replicas'));
      const observed = number(at(one.value, 'status', 'observedGeneration'));
      return (
        observed === at(one.value, 'metadata', 'generation') && at(one.value, 'status', 'readyReplicas') === wanted
      );
    });
  });
}

/** Removes the namespaces with all that is in them, and waits until they are gone. False when there was nothing. */
export async function takeDown(client: ClusterClient, signal?: AbortSignal): Promise<boolean> {
  const names = [SHOP, GUESTS, ADMIN, CI];
  let found = false;
  for (const name of names) {
    const ref = { apiVersion: 'v1', kind: 'Namespace', name };
    const there = await client.get(ref);
    if (there.kind !== 'ok') continue;
    if (there.value.metadata.labels?.[LABEL] === undefined) {
      throw new Error(`namespace ${name} is there and not from this test (no label ${LABEL}): it stays`);
    }
    found = true;
    await client.delete(ref);
  }
  await until('the namespaces are gone', signal, async () => {
    const there = await Promise.all(names.map((name) => client.get({ apiVersion: 'v1', kind: 'Namespace', name })));
    return there.every(({ kind }) => kind === 'missing');
  });
  return found;
}

/** Kinds whose objects come and go by themselves. */
const FLEETING = new Set(['Pod', 'ReplicaSet', 'Job', 'EndpointSlice', 'Endpoints', 'CertificateSigningRequest']);

/** Every lasting object of the cluster, by name: what must be the same before and after. */
export async function inventory(client: ClusterClient): Promise<ReadonlySet<string>> {
  const snapshot = await readCluster(client, { now: () => new Date() });
  const all = snapshot.kinds().flatMap((kind) => snapshot.list(kind));
  const lasting = all.filter(({ object }) => !FLEETING.has(object.kind));
  return new Set(lasting.map(({ object }) => formatRef(refOf(object))));
}

/** Asks again and again until it is so. Throws when that takes too long, or when interrupted. */
export async function until(
  what: string,
  signal: AbortSignal | undefined,
  done: () => Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await done())) {
    signal?.throwIfAborted();
    if (performance.now() > deadline) throw new Error(`waited ${PATIENCE_MS / 1000} s in vain: ${what}`);
    await sleep(EVERY_MS);
  }
}
