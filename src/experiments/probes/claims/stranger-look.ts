import { formatRef } from '../../../model/object.ts';
import { hostIPs, podIPs } from '../../../model/pods.ts';
import { cellOf, describeCell, isClosed, type ConnectCell } from '../connect.ts';
import { controlsFor } from '../controls.ts';
import { isPodOf, type LivePod } from '../live-pods.ts';
import type { Asked } from '../transport.ts';
import { observed, type Arm, type ClaimWorld } from './claim-probe.ts';
import type { JudgedCell } from './judged-cell.ts';
import { createPatience, hasConnected, TIMEOUT_MS } from './patience.ts';
import {
  describeStranger,
  describeStrangerCell,
  dialledBy,
  targetsOf,
  withOwnWays,
  type DialledPod,
  type Stranger,
  type StrangerCell,
} from './strangers.ts';

/** Tries cells of strangers, again and again. */
export interface StrangerLook {
  /** With the live pods of all workloads the cells name; only those of the arm are connected to. */
  look(pods: readonly LivePod[], arm: Arm | undefined): Promise<readonly JudgedCell[]>;
}

/** One way that was dialled for a cell. */
export interface TriedWay {
  readonly through: string;
  readonly shared: boolean;
  readonly result: ConnectCell;
}

/** Remembers from look to look how long each stranger is worth waiting for. */
export function strangerLook(cells: readonly StrangerCell[], world: ClaimWorld): StrangerLook {
  const patience = createPatience();
  /**
   * Empty where there is nothing to try: all pods run on the node that would ask, and it is not counted, or none has an
   * address of the stranger's family.
   */
  const look = async (
    cell: StrangerCell,
    pods: readonly LivePod[],
    arm: Arm | undefined,
  ): Promise<readonly JudgedCell[]> => {
    const who = describeStranger(cell.from);
    const mine = withOwnWays(cell);
    const unknown = (why: string): JudgedCell => ({
      verdict: 'unknown',
      because: [{ kind: 'absence', of: 'pod', says: `${describeStrangerCell(cell)} was not tried: ${why}` }],
    });
    const all = pods.filter((pod) => isPodOf(cell.to, pod) && (!arm || arm(pod.uid)));
    if (all.length === 0) return [unknown(`no pod of ${formatRef(cell.to.ref)} runs`)];
    const counted = all.filter(
      (pod) => (cell.expect === 'open' || !isOnNode(pod, cell.from)) && dialledBy(cell, podIPs(pod.object)).length > 0,
    );
    if (counted.length === 0) return [];
    const ask = asker(cell.from, pods, world);
    if (!ask) return [unknown(`no pod on the network of ${who} is ready`)];
    const tryOut = async (timeoutMs: number): Promise<JudgedCell> => {
      // Who answers behind a Service may be of either arm.
      const targets = targetsOf(arm ? { ...mine, ways: [] } : mine, counted.map(asDialled), timeoutMs);
      const answers = await ask(targets.map(({ request }) => request));
      const controlled = answers.slice(targets.length);
      patience.learn(who, controlled.find(hasConnected));
      const tried = targets.map(({ through, shared }, index): TriedWay => ({
        through,
        shared,
        result: cellOf(answers[index], controlled, world.clock.now().toISOString()),
      }));
      const silent = !tried.some(({ result }) => result.outcome === 'connected');
      if (silent && counted.some(({ ready }) => !ready))
        return unknown(`not every pod of ${formatRef(cell.to.ref)} is ready`);
      return judgeStranger(mine, tried);
    };
    const waitedMs = patience.with(who);
    const judged = await tryOut(waitedMs);
    // Silence that is held against the claim is waited for as long as ever.
    const hasty = judged.verdict === 'violated' && judged.intruded !== true && waitedMs < TIMEOUT_MS;
    return [hasty ? await tryOut(TIMEOUT_MS) : judged];
  };
  return {
    look: async (pods, arm) => (await Promise.all(cells.map((cell) => look(cell, pods, arm)))).flat(),
  };
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

type Ask = (requests: Parameters<ClaimWorld['prober']['ask']>[1]) => Promise<readonly Asked[]>;

/** How a stranger is asked, its controls last; undefined when nobody can ask for it now. */
function asker(from: Stranger, pods: readonly LivePod[], world: ClaimWorld): Ask | undefined {
  if (from.kind === 'outside') {
    const { outside } = world;
    if (!outside) return undefined;
    return (requests) =>
      outside.ask(from.address, [...requests.filter(isConnect), ...outside.controlsFor(from.address)], world.signal);
  }
  const speaker = pods.find(
    (pod) => pod.node === from.node && pod.ready && from.speakers.some((workload) => isPodOf(workload, pod)),
  );
  if (!speaker) return undefined;
  return async (requests) => {
    const controls = await controlsFor(world.cluster, 'eachFamily');
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

function asDialled({ object }: LivePod): DialledPod {
  return { addresses: podIPs(object), hostAddresses: hostIPs(object) };
}
