import { openScenes, type Look, type PathHop, type Sighting } from '../../../analysis/attack/index.ts';
import type { AttackNode } from '../../../analysis/attack/nodes.ts';
import type { World } from '../../../analysis/attack/world/world.ts';
import { connectWithControls, isClosed } from '../connect.ts';
import { controlsFor } from '../controls.ts';
import type { ProbeContext } from '../define-probe.ts';
import { dryRunCreate } from '../dry-run-create.ts';
import { isPodOf, livePods, type LivePod } from '../live-pods.ts';
import { mayI } from '../may-i.ts';
import { lookInside } from './inside.ts';
import { doorsOf, opens } from './outside.ts';
import { trialPod } from './trial-pod.ts';
import { at, records, text } from '../../../model/json.ts';
import { kindKey, refId, refOf, type KubernetesObject } from '../../../model/object.ts';
import { contentsOf, createSnapshot, type Snapshot } from '../../../model/snapshot.ts';

type Check = Parameters<Look>[0];
type CheckOf<K extends Check['kind']> = Extract<Check, { readonly kind: K }>;

/** A connection that is let through is answered at once; on a busy node that may take a while. */
const CONNECT_TIMEOUT_MS = 5_000;

/** Where the metadata service of every larger cloud answers. */
const METADATA = '169.254.169.254';

/**
 * Looks at premises of hops on a live cluster: nothing is changed, nothing is exploited. The snapshot is what was just read of
 * that cluster, in which the hops were found.
 */
export function lookAtHops(context: ProbeContext, snapshot: Snapshot): Look {
  const { cluster } = context;
  const pods = new Map<string, Promise<readonly LivePod[]>>();
  const podsIn = (namespace: string): Promise<readonly LivePod[]> => {
    let known = pods.get(namespace);
    if (!known) pods.set(namespace, (known = livePods(cluster, [namespace], context.signal)));
    return known;
  };
  const worlds = new Map<string, World>();
  const podOf = async (unit: CheckOf<'pod'>['unit']): Promise<LivePod | undefined> =>
    (await podsIn(unit.namespace)).find((pod) => isPodOf(unit.workload, pod));
  const now = (): string => context.clock.now().toISOString();
  const unknown = (check: Check['kind'], says: string): Sighting => ({ check, verdict: 'unknown', says, at: now() });

  return async (check, hop) => {
    switch (check.kind) {
      case 'definition':
        return { check: 'definition', verdict: 'proven', says: check.says };
      case 'none':
        return { check: 'none', verdict: 'unknown', says: check.says };
      case 'review': {
        const { kind, as, ...request } = check;
        const who = { user: as.user, groups: [...as.groups] };
        const { ok, says, at: time } = await mayI.run({ ...request, as: who, expect: 'allowed' }, context);
        return { check: kind, verdict: verdictOf(ok), says, at: time };
      }
      case 'admission':
        return dryRun(check);
      case 'connect':
        return connection(check);
      case 'pod':
        return runningPod(check, hop);
      case 'image':
        return image(check);
      case 'outside':
        return outside(check);
    }
  };

  async function dryRun({ as, namespace, privileged }: CheckOf<'admission'>): Promise<Sighting> {
    const object = trialPod(namespace, privileged);
    const asThem: ProbeContext = { ...context, cluster: cluster.as(as) };
    const theirs = await dryRunCreate.run({ object, namespace, expect: 'allowed' }, asThem);
    // Whoever may not impersonate can still ask for itself: admission says the same, and a review says the rest.
    const seen =
      theirs.ok === 'unknown' ? await dryRunCreate.run({ object, namespace, expect: 'allowed' }, context) : theirs;
    return { check: 'admission', verdict: verdictOf(seen.ok), says: seen.says, at: seen.at };
  }

  async function connection({ from, to, port }: CheckOf<'connect'>): Promise<Sighting> {
    const source = await podOf(from);
    if (!source)
      return unknown('connect', `no running pod of ${from.namespace}/${from.name} to open a connection from`);
    const target = to === 'api' ? await apiAddress() : to === 'metadata' ? METADATA : (await podOf(to))?.address;
    if (target === undefined) return unknown('connect', 'the other end has no address now');
    const cell = await connectWithControls(
      { namespace: source.namespace, pod: source.name },
      { kind: 'connect', host: target, port, timeoutMs: CONNECT_TIMEOUT_MS },
      await controlsFor(cluster),
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

  async function apiAddress(): Promise<string | undefined> {
    const service = await cluster.get({ apiVersion: 'v1', kind: 'Service', namespace: 'default', name: 'kubernetes' });
    return service.kind === 'ok' ? text(at(service.value, 'spec', 'clusterIP')) : undefined;
  }

  /** Asks the edge again, about the pod as it runs. */
  async function runningPod({ unit }: CheckOf<'pod'>, hop: PathHop): Promise<Sighting> {
    const pod = await podOf(unit);
    if (!pod) return unknown('pod', `no running pod of ${unit.namespace}/${unit.name}`);
    const there = Array.from(hop.edge.hops({ ...hop.from, name: nameIn(hop, pod) }, worldWith(pod)));
    const same = there.some(({ to }) => isSame(to, hop.to, { [pod.name]: unit.name }));
    const inside = same ? await lookInside(hop, pod, cluster, context.signal) : undefined;
    const holds = same && inside?.holds !== false;
    const says = [
      `the running pod ${pod.namespace}/${pod.name} ${holds ? 'is as the path says' : 'is not as the path says'}: ${hop.because[0]?.says ?? hop.edge.title}`,
      ...(inside ? [inside.says] : []),
    ].join('; ');
    return { check: 'pod', verdict: holds ? 'proven' : 'refuted', says, at: now() };
  }

  /** The world as it was read, but with this pod as it runs now, standing for itself. */
  function worldWith(pod: LivePod): World {
    const key = `${pod.namespace}/${pod.name}`;
    let world = worlds.get(key);
    if (!world) {
      const { ownerReferences: _owners, ...metadata } = pod.object.metadata;
      const contents = contentsOf(snapshot);
      const isThis = (object: KubernetesObject): boolean =>
        object.kind === 'Pod' && refId(refOf(object)) === refId(refOf(pod.object));
      const others = contents.resources.filter(({ object }) => !isThis(object));
      const seen = createSnapshot({ ...contents, resources: [...others, { object: { ...pod.object, metadata } }] });
      worlds.set(key, (world = openScenes(seen).sceneFor().world));
    }
    return world;
  }

  async function image({ unit, container, report }: CheckOf<'image'>): Promise<Sighting> {
    const pod = await podOf(unit);
    const running = records(at(pod?.object, 'status', 'containerStatuses')).find(
      ([, one]) => one['name'] === container,
    )?.[1];
    const runs = text(running?.['imageID']) ?? text(running?.['image']);
    const written = unit.containers.find(({ entry }) => entry.name === container)?.entry.container['image'];
    if (runs === undefined) return unknown('image', `what ${unit.namespace}/${unit.name} runs is not known`);
    const about = `${report.says}; it runs ${runs}`;
    const digest = digestOf(report, snapshot);
    // A digest names the image itself, a tag only what was pushed under it last.
    const same =
      digest !== undefined && runs.includes('sha256:')
        ? runs.endsWith(digest)
        : runs === written || runs.endsWith(`/${String(written)}`) || text(running?.['image']) === written;
    return same
      ? { check: 'image', verdict: 'proven', says: about, at: now() }
      : unknown('image', `${about}: whether the report is about it is not known`);
  }

  async function outside({ service: { namespace, name } }: CheckOf<'outside'>): Promise<Sighting> {
    const found = await cluster.get({ apiVersion: 'v1', kind: 'Service', namespace, name });
    if (found.kind === 'missing')
      return { check: 'outside', verdict: 'refuted', says: `Service ${namespace}/${name} is gone`, at: now() };
    if (found.kind !== 'ok') return unknown('outside', `Service ${namespace}/${name} can't be read`);
    const doors = await doorsOf(found.value, cluster);
    for (const [host, port] of doors) {
      if (await opens(host, port, context.signal))
        return { check: 'outside', verdict: 'proven', says: `${host}:${port} answers from here`, at: now() };
    }
    const tried = doors.map(([host, port]) => `${host}:${port}`).join(', ');
    return unknown(
      'outside',
      doors.length === 0
        ? `Service ${namespace}/${name} has no address for outsiders yet`
        : `${tried} does not answer from here; others may be let in`,
    );
  }
}

/** The digest of the image that a vulnerability report is about, where it says one. */
function digestOf(report: CheckOf<'image'>['report'], snapshot: Snapshot): string | undefined {
  if (report.kind !== 'field') return undefined;
  const { apiVersion, kind, namespace, name } = report.object;
  return text(at(snapshot.get(kindKey(apiVersion, kind), namespace, name)?.object, 'report', 'artifact', 'digest'));
}

function verdictOf(ok: boolean | 'unknown'): Sighting['verdict'] {
  return ok === true ? 'proven' : ok === false ? 'refuted' : 'unknown';
}

/** Whether a hop gives what a path says it gives, on whichever node; pods go by the names of their workloads there. */
function isSame(given: AttackNode, wanted: AttackNode, workloadOf: Readonly<Record<string, string>>): boolean {
  if (given.kind === 'All' || wanted.name === undefined || HOSTS.has(wanted.kind))
    return given.kind === 'All' || given.kind === wanted.kind;
  const [pod = '', ...rest] = (given.name ?? '').split('/');
  const name = [workloadOf[pod] ?? pod, ...rest].join('/');
  return given.kind === wanted.kind && given.namespace === wanted.namespace && wanted.name === name;
}

const HOSTS: ReadonlySet<string> = new Set(['Root', 'HostRead', 'NodeIdentity']);

/** The place of the intruder, in the pod that runs. */
function nameIn({ from }: PathHop, pod: LivePod): string {
  return (from.name ?? '').replace(/^[^/:]*/, pod.name);
}
