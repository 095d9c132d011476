import type { Look, Sighting } from '../../../analysis/attack/index.ts';
import { at, text } from '../../../model/json.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import { connectWithControls, isClosed } from '../connect.ts';
import { controlsFor } from '../controls.ts';
import type { ProbeContext } from '../define-probe.ts';
import { dryRunCreate } from '../dry-run-create.ts';
import { mayI } from '../may-i.ts';
import { lookFromOutside } from './outside.ts';
import { lookAtImage } from './running-image.ts';
import { podLooker } from './running-pod.ts';
import { createLiveScene, verdictOf, type CheckOf, type LiveScene } from './live-scene.ts';
import { trialPod } from './trial-pod.ts';

/** A connection that is let through is answered at once; on a busy node that may take a while. */
const CONNECT_TIMEOUT_MS = 5_000;

/** Where the metadata service of every larger cloud answers. */
const METADATA = '169.254.169.254';

/**
 * Looks at premises of hops on a live cluster: nothing is changed, nothing is exploited. The snapshot is what was just read of
 * that cluster, in which the hops were found.
 */
export function lookAtHops(context: ProbeContext, snapshot: Snapshot): Look {
  const scene = createLiveScene(context, snapshot);
  const lookAtPod = podLooker(scene);
  return async (check, hop) => {
    switch (check.kind) {
      case 'definition':
        return { check: 'definition', verdict: 'proven', says: check.says };
      case 'none':
        return { check: 'none', verdict: 'unknown', says: check.says };
      case 'review':
        return lookAtRight(check, scene);
      case 'admission':
        return lookAtAdmission(check, scene);
      case 'connect':
        return lookAtConnection(check, scene);
      case 'pod':
        return lookAtPod(check, hop);
      case 'image':
        return lookAtImage(check, scene);
      case 'outside':
        return lookFromOutside(check, scene);
    }
  };
}

/** Whether somebody has a right: the API server is asked. */
async function lookAtRight({ kind, as, ...request }: CheckOf<'review'>, { context }: LiveScene): Promise<Sighting> {
  const who = { user: as.user, groups: [...as.groups] };
  const { ok, says, at: time } = await mayI.run({ ...request, as: who, expect: 'allowed' }, context);
  return { check: kind, verdict: verdictOf(ok), says, at: time };
}

/** Whether somebody could create a pod, privileged or not: tried without being done. */
async function lookAtAdmission(
  { as, namespace, privileged }: CheckOf<'admission'>,
  { context }: LiveScene,
): Promise<Sighting> {
  const object = trialPod(namespace, privileged);
  const asThem: ProbeContext = { ...context, cluster: context.cluster.as(as) };
  const theirs = await dryRunCreate.run({ object, namespace, expect: 'allowed' }, asThem);
  // Whoever may not impersonate can still ask for itself: admission says the same, and a review says the rest.
  const seen =
    theirs.ok === 'unknown' ? await dryRunCreate.run({ object, namespace, expect: 'allowed' }, context) : theirs;
  return { check: 'admission', verdict: verdictOf(seen.ok), says: seen.says, at: seen.at };
}

/** Whether a running pod opens a connection to another, to the API server or to the metadata service. */
async function lookAtConnection(
  { from, to, port }: CheckOf<'connect'>,
  { context, podOf, unknown }: LiveScene,
): Promise<Sighting> {
  const source = await podOf(from);
  if (!source) return unknown('connect', `no running pod of ${from.namespace}/${from.name} to open a connection from`);
  const target = to === 'api' ? await apiAddress(context) : to === 'metadata' ? METADATA : (await podOf(to))?.address;
  if (target === undefined) return unknown('connect', 'the other end has no address now');
  const cell = await connectWithControls(
    { namespace: source.namespace, pod: source.name },
    { kind: 'connect', host: target, port, timeoutMs: CONNECT_TIMEOUT_MS },
    await controlsFor(context.cluster),
    context,
  );
  const closed = isClosed(cell);
  // A refused connection has arrived: the way is open, and nothing listens.
  const verdict =
    cell.outcome === 'connected' || cell.outcome === 'refused' ? 'proven' : closed === true ? 'refuted' : 'unknown';
  return {
    check: 'connect',
    verdict,
    says: `${source.namespace}/${source.name} to ${target}:${port}: ${cell.outcome}, control ${cell.control}`,
    at: cell.at,
  };
}

async function apiAddress({ cluster }: ProbeContext): Promise<string | undefined> {
  const service = await cluster.get({ apiVersion: 'v1', kind: 'Service', namespace: 'default', name: 'kubernetes' });
  return service.kind === 'ok' ? text(at(service.value, 'spec', 'clusterIP')) : undefined;
}
