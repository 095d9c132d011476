import { at as dig, records, text } from '../../../model/json.ts';
import { formatRef } from '../../../model/object.ts';
import { cellOf, describeCell, isClosed, type ConnectCell } from '../connect.ts';
import { controlsFor } from '../controls.ts';
import { isPodOf, type LivePod } from '../live-pods.ts';
import type { Asked } from '../transport.ts';
import { observed, type ClaimWorld } from './claim-probe.ts';
import { createPatience, hasConnected, TIMEOUT_MS, type Patience } from './patience.ts';
import type { JudgedCell } from './reach.ts';
import { describeStranger, describeStrangerCell, targetsOf, type Stranger, type StrangerCell } from './strangers.ts';

/** Tries cells of strangers, again and again. */
export interface StrangerLook {
  /** With the live pods of all workloads the cells name. */
  look(pods: readonly LivePod[]): Promise<readonly JudgedCell[]>;
}

/** One way that was dialled for a cell. */
export interface TriedWay {
  readonly through: string;
  readonly shared: boolean;
  readonly result: ConnectCell;
}

export function strangerLook(cells: readonly StrangerCell[], world: ClaimWorld): StrangerLook {
  const patience = createPatience();
  const look = async (
    cell: StrangerCell,
    pods: readonly LivePod[],
    timeoutMs: number,
  ): Promise<JudgedCell | { readonly impatient: true }> => {
    const mine = pods.filter((pod) => isPodOf(cell.to, pod) && !isOnNode(pod, cell.from));
    const unknown = (why: string): JudgedCell => ({
      verdict: 'unknown',
      because: [{ kind: 'absence', of: 'pod', says: `${describeStrangerCell(cell)} was not tried: ${why}` }],
    });
    if (mine.length === 0)
      return cell.from.kind === 'node' && pods.some((pod) => isPodOf(cell.to, pod))
        ? { verdict: 'holds', because: [observedNothing(cell, world)] }
        : unknown(`no pod of ${formatRef(cell.to.ref)} runs`);
    const dualStack = cell.from.kind === 'outside' && mine.find(hasIpv6);
    if (dualStack) return unknown(`${dualStack.name} has an IPv6 address, and strangers here have none`);
    const targets = targetsOf(cell, mine.map(withHost), timeoutMs);
    const ask = asker(cell.from, pods, world);
    if (!ask) return unknown(`no pod on the network of ${describeStranger(cell.from)} is ready`);
    const answers = await ask(targets.map(({ request }) => request));
    const controlled = answers.slice(targets.length);
    patience.learn(describeStranger(cell.from), controlled.find(hasConnected));
    const tried = targets.map(({ through, shared }, index): TriedWay => ({
      through,
      shared,
      result: cellOf(answers[index], controlled, world.clock.now().toISOString()),
    }));
    if (mine.some(({ ready }) => !ready) && !tried.some(({ result }) => result.outcome === 'connected'))
      return unknown(`not every pod of ${formatRef(cell.to.ref)} is ready`);
    const judged = judgeStranger(cell, tried);
    return judged.verdict === 'violated' && judged.intruded !== true && timeoutMs < TIMEOUT_MS
      ? { impatient: true }
      : judged;
  };
  return {
    look: (pods) =>
      Promise.all(
        cells.map(async (cell) => {
          const first = await look(cell, pods, patienceWith(patience, cell));
          const judged = 'impatient' in first ? await look(cell, pods, TIMEOUT_MS) : first;
          return 'impatient' in judged ? { verdict: 'unknown' as const, because: [] } : judged;
        }),
      ),
  };
}

function patienceWith(patience: Patience, { from }: StrangerCell): number {
  return patience.with(describeStranger(from));
}

/**
 * What the ways that were dialled say of a cell. One that connected is enough for "open", and all must be closed for
 * "closed"; who answers at an address that several workloads share is not known. A claim that wants the outside let in
 * is not broken by a pod to which nothing leads from there.
 */
export function judgeStranger(cell: StrangerCell, tried: readonly TriedWay[]): JudgedCell {
  const says = ({ through, result }: TriedWay): ReturnType<typeof observed> =>
    observed(
      result.at,
      `${describeStranger(cell.from)} to ${formatRef(cell.to.ref)}:${cell.port}/${cell.protocol} by ${through}: ${describeCell(result, 'place')}`,
      result,
    );
  const connected = tried.find(({ shared, result }) => !shared && result.outcome === 'connected');
  if (connected)
    return cell.expect === 'open'
      ? { verdict: 'holds', because: [says(connected)] }
      : { verdict: 'violated', because: [says(connected)], intruded: true };
  const open = tried.filter(({ result }) => isClosed(result) !== true);
  if (open.length > 0) return { verdict: 'unknown', because: open.map(says) };
  if (cell.expect === 'closed') return { verdict: 'holds', because: tried.map(says) };
  if (cell.from.kind === 'outside' && cell.ways.length === 0)
    return { verdict: 'unknown', because: [...tried.map(says), nothingLeads(cell)] };
  return { verdict: 'violated', because: tried.map(says) };
}

function nothingLeads({ to }: StrangerCell): JudgedCell['because'][number] {
  const says = `no Service or host port leads from outside to ${formatRef(to.ref)}`;
  return { kind: 'absence', of: 'Service', says };
}

function observedNothing(cell: StrangerCell, { clock }: ClaimWorld): JudgedCell['because'][number] {
  const says = `every pod of ${formatRef(cell.to.ref)} runs on ${describeStranger(cell.from)} itself, which always gets in`;
  return observed(clock.now().toISOString(), says);
}

type Ask = (requests: Parameters<ClaimWorld['prober']['ask']>[1]) => Promise<readonly Asked[]>;

/** How a stranger is asked, its controls last; undefined when nobody can ask for it now. */
function asker(from: Stranger, pods: readonly LivePod[], world: ClaimWorld): Ask | undefined {
  if (from.kind === 'outside') {
    const { outside } = world;
    if (!outside) return undefined;
    return (requests) => outside.ask(from.address, [...requests, outside.control].filter(isConnect), world.signal);
  }
  const speaker = pods.find(
    (pod) => pod.node === from.node && pod.ready && from.speakers.some((workload) => isPodOf(workload, pod)),
  );
  if (!speaker) return undefined;
  return async (requests) => {
    const controls = await controlsFor(world.cluster);
    return world.prober.ask(
      { namespace: speaker.namespace, pod: speaker.name },
      [...requests, ...controls],
      world.signal,
    );
  };
}

function isConnect<T extends { readonly kind: string }>(request: T): request is T & { readonly kind: 'connect' } {
  return request.kind === 'connect';
}

function isOnNode({ node }: LivePod, from: Stranger): boolean {
  return from.kind === 'node' && node === from.node;
}

function hasIpv6({ object }: LivePod): boolean {
  return records(dig(object, 'status', 'podIPs')).some(([, one]) => text(one['ip'])?.includes(':') === true);
}

function withHost(pod: LivePod): { readonly address: string; readonly hostAddress: string | undefined } {
  return { address: pod.address, hostAddress: text(dig(pod.object, 'status', 'hostIP')) };
}
