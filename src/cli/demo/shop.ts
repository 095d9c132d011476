import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClusterClient } from '../../cluster/types.ts';
import { SeaworthyError } from '../../model/errors.ts';
import { at, number, records } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { readManifests } from '../../sources/manifests.ts';

/** The demo shop: manifests, claims, experiments. */
export const SHOP = join(import.meta.dirname, '..', '..', '..', 'examples', 'shop');

const READY_WITHIN_MS = 180_000;
/** Namespaces and accounts before what lives in them. */
const FIRST = ['Namespace', 'ServiceAccount', 'Secret', 'Role', 'ClusterRole', 'NetworkPolicy', 'Service'];

/** Applies the manifests of the shop. Throws SW_DEMO_DEPLOY when the API server does not take one. */
export async function deploy(client: ClusterClient): Promise<void> {
  const shop = await readManifests([join(SHOP, 'manifests')]);
  const kinds = [...shop.kinds()].sort((a, b) => rank(a) - rank(b));
  for (const { object } of kinds.flatMap((kind) => shop.list(kind))) {
    const outcome = await client.apply(object);
    if (outcome.kind === 'ok') continue;
    throw new SeaworthyError(
      'SW_DEMO_DEPLOY',
      `${object.kind} ${object.metadata.name} was not taken: ${outcome.because}`,
      { exit: 4 },
    );
  }
}

function rank(kind: string): number {
  const found = FIRST.indexOf(kind.split('.')[0] ?? '');
  return found < 0 ? FIRST.length : found;
}

/** Waits until every pod there should be is ready, and is an endpoint. Throws SW_DEMO_NOT_READY when that takes too long. */
export async function allReady(client: ClusterClient, signal: AbortSignal): Promise<void> {
  const until = performance.now() + READY_WITHIN_MS;
  for (;;) {
    const waiting = await notReady(client);
    if (waiting.length === 0) return;
    if (performance.now() > until) {
      throw new SeaworthyError(
        'SW_DEMO_NOT_READY',
        `not ready after ${READY_WITHIN_MS / 1000} s: ${waiting.join(', ')}`,
        { hint: 'Run seaworthy lab up and look with kubectl; the machine may be too busy.', exit: 4 },
      );
    }
    await delay(250, undefined, { signal });
  }
}

async function notReady(client: ClusterClient): Promise<readonly string[]> {
  const [deployments, daemonSets, slices] = await Promise.all([
    all(client, 'apps/v1', 'Deployment'),
    all(client, 'apps/v1', 'DaemonSet'),
    all(client, 'discovery.k8s.io/v1', 'EndpointSlice'),
  ]);
  const name = ({ metadata }: KubernetesObject): string => `${metadata.namespace}/${metadata.name}`;
  return [
    ...deployments
      .filter((one) => number(at(one, 'status', 'readyReplicas')) !== (number(at(one, 'spec', 'replicas')) ?? 1))
      .map(name),
    ...daemonSets
      .filter(
        (one) =>
          number(at(one, 'status', 'desiredNumberScheduled')) === undefined ||
          at(one, 'status', 'numberReady') !== at(one, 'status', 'desiredNumberScheduled'),
      )
      .map(name),
    ...slices
      .filter((slice) =>
        records(slice['endpoints']).some(([, endpoint]) => at(endpoint, 'conditions', 'ready') !== true),
      )
      .map(name),
  ];
}

async function all(client: ClusterClient, apiVersion: string, kind: string): Promise<readonly KubernetesObject[]> {
  const resource = await client.resourceOf(apiVersion, kind);
  const found: KubernetesObject[] = [];
  if (!resource) return found;
  for await (const page of client.list(resource)) if (page.kind === 'ok') found.push(...page.value);
  return found;
}
